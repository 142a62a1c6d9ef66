// The Playground: a picture, up to four kernels, and every stage of what they make of it.
import { parseDrawing } from "../../model/drawing";
import type { Engine } from "../../model/engine";
import { shownNumber } from "../../model/kernel";
import type { Box } from "../../parts/map_canvas";
import type { View } from "../../parts/view";
import { Controls } from "./controls";
import { framesUnder } from "./geometry";
import { KernelRow, pointerOf } from "./kernel_row";
import { Player } from "./player";
import { ReproducePanel } from "./reproduce_panel";
import { StageMap } from "./stage_map";
import { Store } from "./store";
import { Why } from "./why";

function InputMap({ store }: { store: Store }) {
  const state = store.state.value;
  const input = store.input.value;
  const place = store.place.value;
  const shown = store.shown.value[place?.kernel ?? 0];
  if (!input) return <p class="hint">{store.shown.value.some(({ error }) => error) ? "The picture comes with the first filter that can be computed." : "…"}</p>;
  let boxes: Box[] = [];
  if (place?.stage === "input") boxes = [{ row: place.row, column: place.column, rows: 1, columns: 1, kind: "pixel" }];
  else if (place && shown?.filtered) boxes = framesUnder(state, shown.filtered, shown.matrix, place).get("input") ?? [];
  const { map, stage } = input;
  return (
    <StageMap
      title="Input"
      detail="values from 0, black, to 1, white"
      file={parseDrawing(state.picture) ? "drawing" : "input"}
      map={map}
      rows={stage.shape[1]!}
      columns={stage.shape[2]!}
      channels={stage.shape[3]!}
      photograph={1}
      stage={stage}
      scaledBy={[stage]}
      boxes={boxes}
      at={place?.stage === "input" ? place : undefined}
      pointer={pointerOf(store, place?.kernel ?? 0, "input", 0)}
      white={1}
    />
  );
}

function Playground({ store }: { store: Store }) {
  const state = store.state.value;
  const shown = store.shown.value;
  const filtered = shown[0]?.filtered;
  const products = filtered?.stages.reduce((total, stage) => total + (stage.multiply_adds ?? 0), 0);
  return (
    <main class="playground">
      <section class="settings" aria-label="Settings">
        <Controls store={store} />
      </section>
      <div class="stages">
        {store.error.value && (
          <p class="error" role="alert">
            {store.error.value}
          </p>
        )}
        <div class={`pipeline ${state.kernels.length > 1 ? "several" : ""}`}>
          <div class="source">
            <InputMap store={store} />
          </div>
          <div class="rows">
            {state.kernels.map((_, index) => (
              <KernelRow key={index} store={store} index={index} />
            ))}
          </div>
        </div>
        <Player store={store} />
        <Why store={store} />
        <ReproducePanel store={store} />
        {products !== undefined && (
          <p class="hint">
            {products < 1e6 ? products.toLocaleString("en") : `${shownNumber(products / 1e6, 3)} million`} products a kernel, computed by convscope's engine on this machine.
          </p>
        )}
      </div>
    </main>
  );
}

export function open(engine: Engine): View {
  const store = new Store(engine);
  return { link: () => store.link(), content: <Playground store={store} /> };
}
