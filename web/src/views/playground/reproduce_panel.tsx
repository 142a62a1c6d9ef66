// The lines that make the same elsewhere, to be copied.
import { useState } from "preact/hooks";
import { parseDrawing } from "../../model/drawing";
import { commandLine, cppLines, kerasLines } from "../../model/reproduce";
import { CopyButton } from "../../parts/copy_button";
import type { Store } from "./store";

function fileOf(store: Store, picture: string): string {
  if (parseDrawing(picture)) return "drawing.png";
  if (picture.startsWith("sent-")) return store.files.get(picture) ?? "picture.png";
  return picture.startsWith("train_") ? `data/mnist/${picture}.png` : `data/pictures/${picture}.png`;
}

export function ReproducePanel({ store }: { store: Store }) {
  const [kind, setKind] = useState<"Command" | "C++" | "Keras">("Command");
  const state = store.state.value;
  const file = fileOf(store, state.picture);
  const text = state.kernels
    .map((_, k) => {
      const shown = store.shown.value[k];
      if (kind === "Command") return commandLine(state, k, file);
      if (kind === "C++") return cppLines(state, k, file);
      return shown ? kerasLines(state, file, shown.matrix, shown.bias) : "";
    })
    .join(kind === "Command" ? "\n" : "\n\n");
  return (
    <section class="reproduce" aria-label="The same elsewhere">
      <header>
        <h2>The same elsewhere</h2>
        <div class="tabs" role="group" aria-label="Language">
          {(["Command", "C++", "Keras"] as const).map((name) => (
            <button key={name} aria-pressed={kind === name} onClick={() => setKind(name)}>
              {name}
            </button>
          ))}
        </div>
        <CopyButton label="Copy" text={() => text} />
      </header>
      <pre tabIndex={0} role="region" aria-label={`${kind} lines`}>
        <code>{text}</code>
      </pre>
    </section>
  );
}
