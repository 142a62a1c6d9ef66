// What a layer computes of the picture: its maps, what they are like, and its filters.
import { beyondText, countText, isZero, shapeText, shareText, mapScale } from "../../model/layers";
import { shownNumber } from "../../model/kernel";
import type { ScaleOf } from "../../model/network_state";
import { ScaleBar } from "../../parts/scale_bar";
import { FiltersPanel } from "./filters_panel";
import { MapsGrid } from "./maps_grid";
import type { Store } from "./store";

const scales: [ScaleOf, string][] = [
  ["map", "each map"],
  ["layer", "the layer"],
  ["network", "the network"],
];

// The range of an axis of the field, where it is the same on all: "7 × 7".
function fieldText(field: number[] | null): string {
  return field === null ? "the whole picture" : `${field.join(" × ")} pixels`;
}

export function MapsPanel({ store }: { store: Store }) {
  const layer = store.layer.value;
  if (!layer) return null;
  const state = store.state.value;
  const tensor = store.tensor.value;
  const facts = store.look.value?.tensors.find(({ name }) => name === tensor);
  const tab = layer.kernel ? state.tab : "maps";
  return (
    <section class="card layer-panel" aria-label={`Layer ${layer.name}`}>
      <header>
        <h2>{layer.name}</h2>
        <span class="kind">{layer.kind}</span>
        {layer.kernel && (
          <div class="tabs" role="group" aria-label="Show of the layer">
            <button aria-pressed={tab === "maps"} onClick={() => store.set({ tab: "maps" })}>
              Maps
            </button>
            <button aria-pressed={tab === "filters"} onClick={() => store.set({ tab: "filters" })}>
              Filters
            </button>
          </div>
        )}
      </header>
      <dl class="numbers-of">
        <Fact name="output" value={shapeText(layer.output_shape)} />
        {layer.parameters > 0 && <Fact name="parameters" value={countText(layer.parameters)} />}
        {layer.multiply_adds > 0 && <Fact name="multiply-adds" value={countText(layer.multiply_adds)} />}
        <Fact name="a value sees" value={fieldText(layer.receptive_field)} />
        {facts && tab === "maps" && (
          <>
            {facts.not_finite < facts.count && (
              <>
                <Fact name="values" value={`${shownNumber(facts.low)} to ${shownNumber(facts.high)}`} />
                <Fact name="mean" value={`${shownNumber(facts.mean, 3)} ± ${shownNumber(facts.deviation, 3)}`} />
                <Fact name="zeros" value={shareText(facts.zeros)} />
              </>
            )}
            {layer.maps && layer.maps.rows * layer.maps.columns > 1 && <Fact name="dead maps" value={`${facts.dead} of ${layer.maps.channels}`} />}
            {facts.not_finite > 0 && <Fact name="NaN or infinite" value={`${facts.not_finite} (magenta)`} />}
          </>
        )}
      </dl>
      {tab === "filters" ? <FiltersPanel store={store} /> : <Maps store={store} />}
    </section>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Maps({ store }: { store: Store }) {
  const state = store.state.value;
  const layer = store.layer.value!;
  const maps = store.maps.value;
  const network = store.network.value;
  const shown = maps && maps.tensor === store.tensor.value ? maps : undefined;
  const names = network && shown && shown.rows * shown.columns === 1 && network.class_names.length === shown.channels.length ? network.class_names : [];
  const scale = shown && mapScale(shown, state.channel ?? 0, state.scale);
  const alone = state.scale === "map";
  const range = shown && (state.scale === "network" ? shown.network : shown.layer);
  return (
    <>
      <div class="map-choices">
        <div class="tabs" role="group" aria-label="Colours on one scale for">
          <span class="facts">One scale for</span>
          {scales.map(([name, title]) => (
            <button key={name} aria-pressed={state.scale === name} onClick={() => store.set({ scale: name })}>
              {title}
            </button>
          ))}
        </div>
        {layer.before !== undefined && (
          <div class="tabs" role="group" aria-label="Maps before or after the activation">
            <button aria-pressed={state.before} onClick={() => store.set({ before: true })}>
              before
            </button>
            <button aria-pressed={!state.before} onClick={() => store.set({ before: false })}>
              after the activation
            </button>
          </div>
        )}
      </div>
      {shown && scale && range ? (
        <>
          <ScaleBar
            scale={scale}
            remark={
              alone
                ? `each map has a scale of its own${state.channel === undefined ? "; this is that of map 0" : `; this is that of map ${state.channel}`}`
                : isZero(range)
                  ? "all zero"
                  : beyondText(scale, range)
            }
          />
          <MapsGrid
            maps={shown}
            scale={state.scale}
            chosen={state.channel}
            names={names}
            title={shown.tensor}
            onPick={(channel) => store.set({ channel, at: shown.rows * shown.columns === 1 ? { row: 0, column: 0 } : state.at })}
          />
        </>
      ) : (
        <p class="hint waiting">…</p>
      )}
    </>
  );
}
