// One map, large, beside the picture: a value is pointed at, what it sees of the picture is framed, and why it is what it
// is stands below.
import { useMemo, useRef } from "preact/hooks";
import { paint, paintColour } from "../../model/colors";
import type { Explanation } from "../../model/engine";
import { shownNumber } from "../../model/kernel";
import { mapScale, shareText } from "../../model/layers";
import type { BackwardStep, ExplainedValue, Look, Maps } from "../../model/network_engine";
import { Arithmetic } from "../../parts/arithmetic";
import { MapCanvas } from "../../parts/map_canvas";
import type { Box } from "../../parts/map_canvas";
import { savePng } from "../../parts/save_png";
import { ScaleBar } from "../../parts/scale_bar";
import type { Store } from "./store";

export function PictureMap({ look, boxes, title }: { look: Look; boxes: Box[]; title: string }) {
  const canvas = useRef<HTMLCanvasElement>(undefined);
  const [rows, columns, channels] = look.picture.shape as [number, number, number];
  const painted = useMemo(
    () => (pixels: Uint32Array) => {
      if (channels === 3) paintColour(1, look.picture.values, pixels);
      else paint({ map: "grey", low: 0, high: 1 }, look.picture.values, 0, 1, pixels);
    },
    [look],
  );
  return (
    <figure class="picture-map">
      <figcaption>
        <strong>{title}</strong>
        <button class="icon save" aria-label="Save the picture as PNG" title="Save as PNG" onClick={() => canvas.current && savePng(canvas.current, "picture")}>
          ⤓
        </button>
      </figcaption>
      <MapCanvas
        label={`Picture as the model sees it, ${rows} × ${columns}`}
        rows={rows}
        columns={columns}
        shownRows={rows}
        shownColumns={columns}
        step={1}
        paint={painted}
        boxes={boxes}
        onCanvas={(element) => (canvas.current = element)}
      />
      <p class="facts">
        {rows} × {columns}
        {channels > 1 ? ` × ${channels}` : ""}
        {look.note ? `, ${look.note}` : ""}
      </p>
    </figure>
  );
}

function fieldBoxes(explained: ExplainedValue | undefined): Box[] {
  const field = explained?.receptive_field;
  if (!field || field.pixels === 0) return [];
  return [{ row: field.top, column: field.left, rows: field.height, columns: field.width, kind: "window" }];
}

function Enlarged({ store, detail }: { store: Store; detail: Maps }) {
  const canvas = useRef<HTMLCanvasElement>(undefined);
  const state = store.state.value;
  const place = store.place.value;
  const { map: name, low, high } = mapScale(detail, 0, state.scale);
  const painted = useMemo(() => (pixels: Uint32Array) => paint({ map: name, low, high }, detail.values, 0, 1, pixels), [detail, name, low, high]);
  const channel = detail.channels[0]!;
  const shown = place && place.row < detail.rows && place.column < detail.columns ? place : undefined;
  const columns = detail.shape[2]!;
  const at = shown && Math.floor(shown.row / detail.step) * columns + Math.floor(shown.column / detail.step);
  const boxes: Box[] = shown ? [{ ...shown, rows: 1, columns: 1, kind: "pixel" }] : [];
  return (
    <figure class="enlarged">
      <figcaption>
        <strong>
          {detail.tensor}, map {channel}
        </strong>
        <button class="icon save" aria-label={`Save map ${channel} as PNG`} title="Save as PNG" onClick={() => canvas.current && savePng(canvas.current, `map_${channel}`)}>
          ⤓
        </button>
      </figcaption>
      <MapCanvas
        label={`Map ${channel} of ${detail.tensor}, ${detail.rows} × ${detail.columns}`}
        rows={detail.rows}
        columns={detail.columns}
        shownRows={detail.shape[1]!}
        shownColumns={columns}
        step={detail.step}
        paint={painted}
        boxes={boxes}
        at={state.at}
        onPoint={(next) => (store.pointed.value = next)}
        onPick={(next) => {
          store.set({ at: next });
          store.pointed.value = undefined;
        }}
        onCanvas={(element) => (canvas.current = element)}
      />
      <ScaleBar scale={{ map: name, low, high }} />
      <p class="facts" data-pointed={at === undefined ? undefined : detail.values[at]}>
        {shown && at !== undefined
          ? `row ${shown.row}, column ${shown.column}: ${shownNumber(detail.values[at]!, 6)}`
          : "Point at a value, or click to keep it."}
      </p>
    </figure>
  );
}

function Step({ store, explanation }: { store: Store; explanation: Explanation }) {
  const channels = explanation.window?.[2] ?? 1;
  const input = explanation.inputs?.[0] ?? "";
  const picture = store.network.value?.input;
  const ofPicture = picture?.name === input;
  const channelName = (channel: number) => {
    if (channels === 1) return "";
    return ofPicture && channels === 3 ? ["red", "green", "blue"][channel]! : `channel ${channel}`;
  };
  return (
    <div class="step">
      <h3>
        {explanation.tensor}[{explanation.at.join(", ")}] = <span>{shownNumber(explanation.traced, 8)}</span>
      </h3>
      <p class="facts">{explanation.operation}</p>
      <Arithmetic explanation={explanation} channelName={channelName} input={undefined} />
    </div>
  );
}

function BackSteps({ store, steps }: { store: Store; steps: BackwardStep[] }) {
  return (
    <div class="step back">
      <h3>Following the largest contributions back</h3>
      <ol>
        {steps.map((step, index) => {
          const place = `${step.tensor}[${step.at.join(", ")}]`;
          const layer = store.layers.value.find((one) => one.tensor === step.tensor || one.before === step.tensor);
          return (
            <li key={index}>
              {layer?.maps && index > 0 ? (
                <button class="link" onClick={() => store.goTo(step.tensor, step.at)}>
                  {place}
                </button>
              ) : (
                <span>{place}</span>
              )}{" "}
              = {shownNumber(step.value, 5)}
              {step.next && step.share !== undefined && (
                <span class="facts">
                  {" "}
                  {step.operation}: {step.next}
                  {step.share < 1 ? `, ${shareText(step.share)} of those of its sign` : ""}
                </span>
              )}
              {step.end && <span class="facts"> {step.end}</span>}
            </li>
          );
        })}
      </ol>
    </div>
  );
}

export function ValuePanel({ store }: { store: Store }) {
  const look = store.look.value;
  const detail = store.detail.value;
  if (!look) return null;
  const explained = store.explained.value;
  const field = explained?.receptive_field;
  const first = explained?.explanations[0];
  const told = first ? `${first.tensor}, ${first.at.join(", ")}: ${shownNumber(first.traced, 6)}` : "";
  return (
    <section class="card value-panel" aria-label="A map and its values">
      <h2>Why is a value what it is?</h2>
      <p class="sr" role="status">
        {store.pointed.value ? "" : told}
      </p>
      {detail ? (
        <>
          <div class="pair">
            <Enlarged store={store} detail={detail} />
            <PictureMap look={look} boxes={fieldBoxes(explained)} title="What it sees of the picture" />
            {field && (
              <p class="facts field-facts">
                It depends on {field.pixels} pixels, rows {field.top} to {field.top + field.height - 1}, columns {field.left} to {field.left + field.width - 1}
                {field.pixels < field.height * field.width ? ", with holes" : ""}.
              </p>
            )}
          </div>
          <div class="chain">
            {explained?.explanations.map((explanation) => <Step key={explanation.tensor} store={store} explanation={explanation} />)}
            {explained?.trace && explained.trace.length > 1 && <BackSteps store={store} steps={explained.trace} />}
          </div>
        </>
      ) : (
        <p class="hint">Choose a map above: it is shown large here, and any of its values is told: what it sees of the picture, its arithmetic, and where the most of it comes from.</p>
      )}
    </section>
  );
}
