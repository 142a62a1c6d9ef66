// A layer while it learns: its filters, their gradient, or its maps of a test picture; now, or in a snapshot.
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { paint, paintColour, scaleFor, signedScale } from "../../model/colors";
import type { Scale } from "../../model/colors";
import { shownNumber } from "../../model/kernel";
import type { Tensor } from "../../model/engine";
import { paintTiles, tileAt, tilingOf } from "../../model/tiles";
import type { ShownKind } from "../../model/train_state";
import type { Look } from "../../model/training";
import { Choice, Slider, Switch } from "../../parts/fields";
import { MapCanvas } from "../../parts/map_canvas";
import { savePng } from "../../parts/save_png";
import { ScaleBar } from "../../parts/scale_bar";
import type { Store } from "./store";

const kindNames: Record<ShownKind, string> = { filters: "Filters", gradient: "Gradient", maps: "Maps" };

const mostTile = 140; // pixels of the page that a tile is wide

// What is drawn: tiles of a tensor (rows, columns, ...), and of how many it is a part.
interface Tiles {
  tensor: Tensor;
  rows: number;
  columns: number;
  step: number;
  first: number;
  count: number;
  all: number;
  scale: Scale;
  name: string; // of a tile
}

function tilesOf(look: Look, kind: ShownKind, channel: number): Tiles | undefined {
  const maps = look.tensors.get("maps")!;
  if (kind === "maps") {
    const [rows, columns, count] = maps.shape as [number, number, number];
    return { tensor: maps, rows, columns, step: count, first: 0, count, all: look.maps.shape[3]!, scale: scaleFor(look.maps, look.maps.signs), name: "map" };
  }
  const tensor = look.tensors.get(kind === "filters" ? "kernel" : "gradient");
  if (!tensor || !look.kernel) return undefined;
  const [rows, columns, channels, count] = tensor.shape as [number, number, number, number];
  return { tensor, rows, columns, step: channels * count, first: Math.min(channel, channels - 1) * count, count, all: look.kernel.shape[3]!, scale: signedScale(tensor.values), name: "filter" };
}

function TileMap({ tiles, label, file }: { tiles: Tiles; label: string; file: string }) {
  const { tensor, rows, columns, step, first, count, scale } = tiles;
  const [place, setPlace] = useState<{ row: number; column: number } | undefined>(undefined);
  const [canvas, setCanvas] = useState<HTMLCanvasElement | undefined>(undefined);
  const tiling = tilingOf(count, rows, columns, innerWidth < 900 ? 1 : 2);
  const painted = useMemo(
    () => (pixels: Uint32Array) => paintTiles(scale, tensor.values, rows, columns, step, first, count, tiling, pixels),
    [tensor, first, count, tiling.columns],
  );
  const at = place && tileAt(tiling, rows, columns, count, place.column, place.row);
  const value = at && tensor.values[(at.row * columns + at.column) * step + first + at.tile]!;
  const side = tiling.zoom;
  return (
    <div class="tile-map" style={{ maxWidth: `${tiling.columns * mostTile}px` }}>
      <MapCanvas
        label={label}
        rows={tiling.height}
        columns={tiling.width}
        shownRows={tiling.height}
        shownColumns={tiling.width}
        step={1}
        paint={painted}
        boxes={
          at
            ? [{ row: Math.floor(at.tile / tiling.columns) * (rows * side + 1) + at.row * side, column: (at.tile % tiling.columns) * (columns * side + 1) + at.column * side, rows: side, columns: side, kind: "window" }]
            : []
        }
        at={place}
        onPoint={setPlace}
        onPick={setPlace}
        onCanvas={setCanvas}
      />
      <ScaleBar scale={scale} />
      <div class="under">
        <p class="facts" role="status">
          {at && value !== undefined ? `${tiles.name} ${at.tile}, row ${at.row}, column ${at.column}: ${shownNumber(value, 5)}` : `one scale for all ${count} ${tiles.name}s${tiles.all > count ? ` shown, of ${tiles.all}` : ""}; point at a value to read it`}
        </p>
        <button class="icon save" aria-label={`Save ${label} as PNG`} title="Save as PNG" onClick={() => canvas && savePng(canvas, file)}>
          ⤓
        </button>
      </div>
    </div>
  );
}

function Picture({ tensor }: { tensor: Tensor }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [rows, columns, channels] = tensor.shape as [number, number, number];
  useLayoutEffect(() => {
    const context = canvas.current!.getContext("2d")!;
    const image = context.createImageData(columns, rows);
    const pixels = new Uint32Array(image.data.buffer);
    if (channels === 3) paintColour(1, tensor.values, pixels);
    else paint({ map: "grey", low: 0, high: 1 }, tensor.values, 0, channels, pixels);
    context.putImageData(image, 0, 0);
  }, [tensor]);
  return <canvas ref={canvas} class="crisp" width={columns} height={rows} role="img" aria-label="The test picture" />;
}

function Says({ look }: { look: Look }) {
  const scores = look.tensors.get("scores")?.values;
  if (!scores) return null;
  const order = [...scores.keys()].sort((a, b) => scores[b]! - scores[a]!).slice(0, 3);
  const name = (c: number) => look.classes[c] ?? String(c);
  return (
    <div class="says">
      {look.label !== undefined && (
        <p>
          is: <strong>{name(look.label)}</strong>
        </p>
      )}
      <ol aria-label="The network says">
        {order.map((c) => (
          <li key={c} class={c === look.label ? "right" : ""}>
            <span>{name(c)}</span>
            <span>{look.probabilities ? `${(100 * scores[c]!).toFixed(1)} %` : shownNumber(scores[c]!, 3)}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}

// The steps that were kept, then now.
function Moments({ store, look }: { store: Store; look: Look }) {
  const [playing, setPlaying] = useState(false);
  const { snapshots } = look;
  const state = store.state.value;
  const last = snapshots.length; // now
  const place = state.at === "" ? last : Math.max(0, snapshots.indexOf(Number(state.at)));
  const go = (index: number) => store.set({ at: index >= last ? "" : String(snapshots[index]) });
  useLayoutEffect(() => {
    if (!playing) return;
    const timer = setInterval(() => {
      const at = store.state.peek().at;
      const next = at === "" ? last : snapshots.indexOf(Number(at)) + 1;
      go(next);
      if (next >= last) setPlaying(false);
    }, 250);
    return () => clearInterval(timer);
  }, [playing, last]);
  if (last === 0) return <p class="hint">No snapshots of this run: it keeps some where the settings say so.</p>;
  return (
    <div class="moments">
      <button
        aria-label={playing ? "Pause the snapshots" : "Play the snapshots"}
        onClick={() => {
          if (!playing && place >= last) go(0);
          setPlaying(!playing);
        }}
      >
        {playing ? "❚❚" : "▶"}
      </button>
      <Slider label="Snapshot" value={place} low={0} high={last} step={1} text={state.at === "" ? `now, step ${look.step.toLocaleString("en")}` : `step ${Number(state.at).toLocaleString("en")}`} onInput={go} />
    </div>
  );
}

export function LookPanel({ store }: { store: Store }) {
  const [channel, setChannel] = useState(0);
  const state = store.state.value;
  const look = store.look.value;
  const run = store.shown.value;
  const error = store.lookError.value;
  const withSwitch = <Switch label="Show a layer" checked={state.live} onChange={(live) => store.set({ live })} />;
  if (!state.live || !look || !run) {
    return (
      <section class="panel" aria-label="Inside">
        <header class="panel-head">
          <h2>Inside</h2>
          {withSwitch}
        </header>
        {state.live && <p class="hint">{error || "Filters, gradients and maps of a layer appear here while it learns."}</p>}
      </section>
    );
  }
  const kind = look.kernel ? state.kind : "maps";
  const tiles = tilesOf(look, kind, channel);
  const channels = look.kernel ? look.tensors.get("kernel")!.shape[2]! : 1;
  const shape = look.layers.find(({ name }) => name === look.layer)!.shape.join(" × ");
  const what = `${kindNames[kind]} of ${look.layer}`;
  return (
    <section class="panel" aria-label="Inside">
      <header class="panel-head">
        <h2>
          Inside, at step <span data-fact="look-step">{look.step.toLocaleString("en")}</span>
        </h2>
        <div class="tabs" role="group" aria-label="What is shown">
          {(Object.keys(kindNames) as ShownKind[]).map((name) => (
            <button key={name} aria-pressed={kind === name} disabled={!look.kernel && name !== "maps"} onClick={() => store.set({ kind: name })}>
              {kindNames[name]}
            </button>
          ))}
        </div>
        {withSwitch}
      </header>
      {error && <p class="error">{error}</p>}
      <div class="look">
        <div class="look-side">
          <Choice label="Layer" value={look.layer} options={look.layers.map(({ name, shape: of }) => [name, `${name}, ${of.join(" × ")}`])} onChange={(layer) => store.set({ layer })} />
          {kind !== "maps" && channels > 1 && (
            <Choice label="Of channel" value={String(Math.min(channel, channels - 1))} options={Array.from({ length: channels }, (_, i) => [String(i), channels < look.kernel!.shape[2]! ? `${i} (of ${look.kernel!.shape[2]})` : String(i)] as const)} onChange={(value) => setChannel(Number(value))} />
          )}
          <div class="sample">
            <Picture tensor={look.tensors.get("picture")!} />
            <div>
              <div class="field">
                <label for="sample">Test picture</label>
                <input id="sample" type="number" min={0} max={look.samples - 1} value={state.sample} onInput={(event) => {
                  const value = Number(event.currentTarget.value);
                  if (Number.isInteger(value) && value >= 0 && value < look.samples) store.set({ sample: value });
                }} />
              </div>
              <Says look={look} />
            </div>
          </div>
        </div>
        <div class="look-main">
          <p class="facts">
            {kind === "maps" ? `${look.layer}: ${shape}${look.maps.step > 1 ? `, every ${look.maps.step}th value` : ""}` : `${look.kernel!.name}: ${look.kernel!.shape.join(" × ")} (rows, columns, channels, filters)`}
          </p>
          {tiles ? (
            <TileMap tiles={tiles} label={what} file={`${run}-${kind}-${look.layer.replaceAll("/", ".")}-step-${look.step}`} />
          ) : (
            <p class="hint">The gradient is that of a step being made: it appears while this run learns.</p>
          )}
        </div>
      </div>
      <Moments store={store} look={look} />
    </section>
  );
}
