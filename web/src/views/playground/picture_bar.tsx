// Which picture: a bundled one, one of the user's (opened, dropped, pasted), or a drawing.
import { drawingText, emptyDrawing, parseDrawing } from "../../model/drawing";
import { DrawingPad } from "../../parts/drawing_pad";
import { useDroppedFiles } from "../../parts/dropped_files";
import { Choice } from "../../parts/fields";
import { FileButton } from "../../parts/file_button";
import { pictureTitle } from "../../parts/picture_title";
import type { Store } from "./store";

export function PictureBar({ store }: { store: Store }) {
  const state = store.state.value;
  const drawing = parseDrawing(state.picture);
  const take = async (file: File) => store.open(new Uint8Array(await file.arrayBuffer()), file.name);
  const over = useDroppedFiles((file) => void take(file));

  const bundled = store.pictures.value.map((name) => [name, pictureTitle(name)] as const);
  const sent = state.picture.startsWith("sent-");
  const own = sent ? [[state.picture, store.sent.files.get(state.picture) ?? "your picture"] as const] : [];
  const drawn = drawing ? [[state.picture, "drawing"] as const] : [];
  return (
    <div class={`picture-bar ${over ? "over" : ""}`}>
      <Choice
        label="Picture"
        value={state.picture}
        options={[...own, ...drawn, ...bundled]}
        onChange={(picture) => store.set({ picture, place: undefined })}
      />
      <div class="buttons">
        <FileButton label="Open…" name="Picture file" accept="image/*" onFile={(file) => void take(file)} />
        <button
          aria-pressed={drawing !== undefined}
          onClick={() => store.set({ picture: drawingText(emptyDrawing()), colour: "grey", place: undefined })}
        >
          Draw
        </button>
      </div>
      <p class="hint">{over ? "Let go to open it" : "or drop or paste one"}</p>
      {drawing && <DrawingPad text={state.picture} onDraw={(picture) => store.set({ picture })} />}
    </div>
  );
}
