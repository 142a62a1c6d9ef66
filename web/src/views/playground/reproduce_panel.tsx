// The lines that make the same elsewhere.
import { commandLine, cppLines, kerasLines } from "../../model/reproduce";
import { pictureFile } from "../../model/picture_file";
import { Reproduce } from "../../parts/reproduce";
import type { Language } from "../../parts/reproduce";
import type { Store } from "./store";

export function ReproducePanel({ store }: { store: Store }) {
  const state = store.state.value;
  const file = pictureFile(state.picture, store.sent.files);
  const lines = (kind: Language) =>
    state.kernels
      .map((_, k) => {
        const shown = store.shown.value[k];
        if (kind === "Command") return commandLine(state, k, file);
        if (kind === "C++") return cppLines(state, k, file);
        return shown ? kerasLines(state, file, shown.matrix, shown.bias) : "";
      })
      .join(kind === "Command" ? "\n" : "\n\n");
  return <Reproduce lines={lines} />;
}
