// The layers of a network as a person counts them, and the words and scales of what they compute.
import { scaleFor } from "./colors";
import type { Scale, ValueRange } from "./colors";
import type { DataSet, Layer, Maps, Network } from "./network_engine";
import type { ScaleOf } from "./network_state";

// A layer of the list: an operation with the activation behind it.
export interface ShownLayer extends Layer {
  kind: string; // "Conv + Relu"
}

// In files operations and activations stand apart: what an activation makes of another row's tensor is one layer with
// it. What cannot be looked at is listed all the same.
export function shownLayers(network: Network): ShownLayer[] {
  const made = new Set(network.layers.flatMap(({ tensor, before }) => (tensor && before ? [before] : [])));
  const rows = new Map(network.layers.flatMap((layer) => (layer.tensor ? [[layer.tensor, layer] as const] : [])));
  return network.layers
    .filter(({ tensor }) => !(tensor && made.has(tensor)))
    .map((layer) => {
      const first = layer.before === undefined ? undefined : rows.get(layer.before);
      if (!first || first === layer) return { ...layer, kind: layer.class };
      return {
        ...layer,
        kind: `${first.class} + ${layer.class}`,
        parameters: layer.parameters + first.parameters,
        multiply_adds: layer.multiply_adds + first.multiply_adds,
      };
    });
}

export function layerOf(layers: ShownLayer[], tensor: string): ShownLayer | undefined {
  return layers.find((layer) => layer.tensor === tensor);
}

// The first with maps, else the first that can be looked at.
export function firstLayer(layers: ShownLayer[]): string {
  const first = layers.find(({ maps }) => maps && maps.rows * maps.columns > 1) ?? layers.find(({ tensor }) => tensor);
  return first?.tensor ?? "";
}

export function shapeText(shape: (number | null)[]): string {
  return shape.slice(1).join(" × ");
}

// "118 million", "640".
export function countText(count: number): string {
  for (const [size, name] of [[1e12, "trillion"], [1e9, "thousand million"], [1e6, "million"]] as const) {
    if (count >= size) return `${Number((count / size).toPrecision(3))} ${name}`;
  }
  return count.toLocaleString("en");
}

export function shareText(share: number): string {
  return share > 0 && share < 0.0005 ? "< 0.1 %" : `${Number((100 * share).toPrecision(share > 0.9995 && share < 1 ? 4 : 3))} %`;
}

// The scale of the map in place `index` of `maps`.
export function mapScale(maps: Maps, index: number, of: ScaleOf): Scale {
  const range: ValueRange = of === "map" ? maps.maps[index]! : of === "layer" ? maps.layer : maps.network;
  return scaleFor(range, maps.signs);
}

export function isZero(range: ValueRange): boolean {
  return range.low === 0 && range.high === 0 && range.not_finite === 0;
}

// Data sets whose pictures a model takes as they are.
export function fittingData(network: Network, sets: DataSet[]): DataSet[] {
  const wanted = network.input.shape.slice(1).join();
  return sets.filter(({ shape }) => shape.join() === wanted);
}
