// The layers of the network: as a list, with what each costs, or as a graph.
import { countText, shapeText } from "../../model/layers";
import type { ShownLayer } from "../../model/layers";
import { GraphMap } from "./graph_map";
import type { Store } from "./store";

function moveFocus(event: KeyboardEvent): void {
  const step = event.key === "ArrowDown" ? "nextElementSibling" : event.key === "ArrowUp" ? "previousElementSibling" : undefined;
  if (!step) return;
  event.preventDefault();
  let item = (event.currentTarget as HTMLElement).parentElement![step];
  while (item && !item.querySelector("button")) item = item[step];
  item?.querySelector("button")?.focus();
}

function Row({ layer, chosen, pick }: { layer: ShownLayer; chosen: boolean; pick: () => void }) {
  const told = (
    <>
      <span class="line">
        <strong>{layer.name}</strong> <span class="shape">{shapeText(layer.output_shape)}</span>
      </span>
      <span class="line">
        <span class="kind">{layer.kind}</span> <span class="cost">{layer.parameters > 0 ? `${countText(layer.parameters)} parameters` : ""}</span>
      </span>
    </>
  );
  if (!layer.tensor) return <li class="none">{told}</li>;
  return (
    <li>
      <button aria-current={chosen ? "true" : undefined} onClick={pick} onKeyDown={moveFocus}>
        {told}
      </button>
    </li>
  );
}

export function LayerList({ store }: { store: Store }) {
  const network = store.network.value;
  if (!network) return null;
  const { list } = store.state.value;
  const chosen = store.layer.value?.tensor;
  const graph = network.graph;
  return (
    <section class="card layers" aria-label="Layers">
      <header>
        <h2>Layers</h2>
        {graph && (
          <div class="tabs" role="group" aria-label="Layers as">
            <button aria-pressed={list === "layers"} onClick={() => store.set({ list: "layers" })}>
              List
            </button>
            <button aria-pressed={list === "graph"} onClick={() => store.set({ list: "graph" })}>
              Graph
            </button>
          </div>
        )}
      </header>
      {list === "graph" && graph ? (
        <GraphMap graph={graph} chosen={chosen ?? undefined} title={network.title} onPick={(tensor) => store.pickLayer(tensor)} />
      ) : (
        <ol tabIndex={0} aria-label="Layers from the picture to the output">
          {store.layers.value.map((layer) => (
            <Row key={layer.name} layer={layer} chosen={layer.tensor === chosen} pick={() => store.pickLayer(layer.tensor!)} />
          ))}
        </ol>
      )}
      <p class="facts">
        {countText(network.parameters)} parameters, {countText(network.multiply_adds)} multiply-adds a picture
      </p>
    </section>
  );
}
