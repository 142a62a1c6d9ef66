// Which model looks at which picture.
import { drawingText, emptyDrawing, parseDrawing } from "../../model/drawing";
import { fittingData } from "../../model/layers";
import { sampleOf, sampleText } from "../../model/network_state";
import { DrawingPad } from "../../parts/drawing_pad";
import { useDroppedFiles } from "../../parts/dropped_files";
import { Choice, Group } from "../../parts/fields";
import { FileButton } from "../../parts/file_button";
import { pictureTitle } from "../../parts/picture_title";
import type { Store } from "./store";

const modelEndings = /\.(onnx|keras|h5|hdf5)$/i;

export function SubjectBar({ store }: { store: Store }) {
  const take = async (file: File) => {
    const bytes = new Uint8Array(await file.arrayBuffer());
    await (modelEndings.test(file.name) ? store.openModel(bytes, file.name) : store.openPicture(bytes, file.name));
  };
  const over = useDroppedFiles((file) => void (store.computes && take(file)));
  return (
    <div class={`subject ${over && store.computes ? "over" : ""}`}>
      <ModelGroup store={store} take={(file) => void take(file)} />
      <PictureGroup store={store} take={(file) => void take(file)} />
      {store.computes && <p class="hint">{over ? "Let go to open it" : "or drop a picture or an .onnx file anywhere, or paste a picture"}</p>}
    </div>
  );
}

function ModelGroup({ store, take }: { store: Store; take: (file: File) => void }) {
  const models = store.models.value;
  const network = store.network.value;
  const options = models.map(({ id, title }) => [id, store.modelFiles.get(id) ?? title] as const);
  const id = store.model.value;
  const entry = models.find((one) => one.id === id);
  const known = entry ? options : [[id, store.modelFiles.get(id) ?? id] as const, ...options];
  return (
    <Group title="Model">
      <Choice label="Model" value={id} options={known} onChange={(model) => store.pickModel(model)} />
      {store.computes && (
        <div class="buttons">
          <FileButton label="Open ONNX…" name="Model file" accept=".onnx" onFile={take} />
        </div>
      )}
      {network && (
        <p class="hint">
          {network.trained ? network.source : entry?.description ? `${entry.description}. ` : ""}
          {network.trained ? "" : "Untrained: its weights are random numbers, and so is what it says."}
        </p>
      )}
      {network && network.remarks.length > 0 && (
        <ul class="hint remarks">
          {network.remarks.map((remark) => (
            <li key={remark}>{remark}</li>
          ))}
        </ul>
      )}
    </Group>
  );
}

function PictureGroup({ store, take }: { store: Store; take: (file: File) => void }) {
  const network = store.network.value;
  const picture = store.picture.value;
  const sample = sampleOf(picture);
  const drawing = parseDrawing(picture);
  const fitting = network ? fittingData(network, store.dataSets.value) : [];
  const data = fitting.find(({ name }) => name === sample?.name);
  const pick = (next: string) => store.set({ picture: next, of: undefined });
  const options: (readonly [string, string])[] = [
    ...(picture.startsWith("sent-") ? [[picture, store.sent.files.get(picture) ?? "your picture"] as const] : []),
    ...(drawing ? [["drawing", "drawing"] as const] : []),
    ...(sample && !data && !store.pictures.value.includes(picture) ? [[picture, `${sample.name} ${sample.number}`] as const] : []),
    ...fitting.map(({ name, title }) => [`data:${name}`, `${title}, test picture`] as const),
    ...store.pictures.value.map((name) => [name, pictureTitle(name)] as const),
  ];
  const value = drawing ? "drawing" : data ? `data:${data.name}` : picture;
  const go = (number: number) => data && pick(sampleText(data.name, Math.min(Math.max(number, 0), data.test - 1)));
  return (
    <Group title="Picture">
      <Choice
        label="Picture"
        value={value}
        options={options}
        onChange={(chosen) => chosen !== "drawing" && pick(chosen.startsWith("data:") && !sampleOf(chosen) ? sampleText(chosen.slice(5), 0) : chosen)}
      />
      {data && sample && (
        <div class="sample">
          <button class="icon" aria-label="Previous picture" disabled={sample.number === 0} onClick={() => go(sample.number - 1)}>
            ‹
          </button>
          <label>
            <span class="sr">Number of the picture</span>
            <input
              type="number"
              min={0}
              max={data.test - 1}
              value={sample.number}
              onChange={(event) => go(Math.round(Number(event.currentTarget.value)) || 0)}
            />
          </label>
          <button class="icon" aria-label="Next picture" disabled={sample.number >= data.test - 1} onClick={() => go(sample.number + 1)}>
            ›
          </button>
          <span class="facts">of {data.test.toLocaleString("en")}</span>
        </div>
      )}
      {store.computes && (
        <div class="buttons">
          <FileButton label="Open…" name="Picture file" accept="image/*" onFile={take} />
          <button aria-pressed={drawing !== undefined} onClick={() => pick(drawingText(emptyDrawing()))}>
            Draw
          </button>
        </div>
      )}
      {drawing && <DrawingPad text={picture} onDraw={pick} />}
    </Group>
  );
}
