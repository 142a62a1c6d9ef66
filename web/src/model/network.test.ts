import { describe, expect, test } from "vitest";
import type { Explanation } from "./engine";
import { filterPlanes } from "./filter_planes";
import { gridLayout } from "./grid_layout";
import { beyondText, countText, firstLayer, fittingData, mapScale, shareText, shownLayers } from "./layers";
import type { Filters, Layer, Maps, Network } from "./network_engine";
import { methodsOf, networkHash, networkOf, sampleOf, startNetwork } from "./network_state";
import { blend } from "./overlay";
import { networkCommands, networkCpp, shownBy } from "./reproduce_network";
import { contributions, hasPlaces, planesOf } from "./terms";

const layer = (name: string, more: Partial<Layer> = {}): Layer => ({
  name,
  class: "Conv",
  output_shape: [null, 4, 4, 2],
  parameters: 0,
  multiply_adds: 0,
  receptive_field: [3, 3],
  activation_bytes: 0,
  tensor: name,
  maps: { rows: 4, columns: 4, channels: 2, places: true },
  ...more,
});

const network = (layers: Layer[]): Network => ({
  name: "n",
  title: "n",
  trained: true,
  source: "",
  parameters: 0,
  multiply_adds: 0,
  class_names: [],
  classes: 10,
  input: { name: "input", shape: [1, 28, 28, 1] },
  layers,
  cam_layers: [],
  graph: null,
  remarks: [],
});

describe("the state in a link", () => {
  test("is restored, whatever it is", () => {
    const state = {
      ...startNetwork(),
      model: "runs/a b.onnx",
      picture: "data:mnist:7",
      layer: "conv/1, x",
      before: true,
      scale: "network" as const,
      tab: "filters" as const,
      list: "graph" as const,
      channel: 0,
      at: { row: 0, column: 12 },
      methods: ["grad-cam++"],
      of: 0,
      over: 0,
    };
    expect(networkOf(networkHash(state))).toEqual(state);
    expect(networkOf(networkHash(startNetwork()))).toEqual(startNetwork());
    expect(networkOf(networkHash({ ...startNetwork(), methods: [] })).methods).toEqual([]);
    expect(networkHash(startNetwork())).toBe("network");
  });

  test("is as at the start where it is wrong", () => {
    expect(networkOf("network?scale=huge&channel=-1&at=3&class=x&over=500&tab=")).toEqual({ ...startNetwork(), over: 100 });
  });

  test("asks for no gradients of a large network by itself", () => {
    expect(methodsOf(startNetwork(), 2e9)).toEqual([]);
    expect(methodsOf({ ...startNetwork(), methods: ["saliency"] }, 2e9)).toEqual(["saliency"]);
  });

  test("names samples", () => {
    expect(sampleOf("data:fashion-mnist-small:18")).toEqual({ name: "fashion-mnist-small", number: 18 });
    expect(sampleOf("data:x:-1")).toBeUndefined();
    expect(sampleOf("chelsea")).toBeUndefined();
  });
});

describe("layers", () => {
  test("an operation and its activation are one", () => {
    const layers = shownLayers(
      network([
        layer("input", { tensor: null, class: "Input" }),
        layer("conv/pre", { parameters: 640, multiply_adds: 100 }),
        layer("conv", { class: "Relu", before: "conv/pre" }),
        layer("relu", { class: "Activation", before: "elsewhere" }),
      ]),
    );
    expect(layers.map(({ name, kind, parameters }) => [name, kind, parameters])).toEqual([
      ["input", "Input", 0],
      ["conv", "Conv + Relu", 640],
      ["relu", "Activation", 0],
    ]);
    expect(firstLayer(layers)).toBe("conv");
  });

  test("numbers are words that are read at once", () => {
    expect([countText(640), countText(36928), countText(4460544), countText(1.8e9)]).toEqual(["640", "36,928", "4.46 million", "1.8 thousand million"]);
    expect([shareText(0.998), shareText(0.00001), shareText(0), shareText(0.99956), shareText(1)]).toEqual(["99.8 %", "< 0.1 %", "0 %", "99.96 %", "100 %"]);
  });

  test("data sets fit that have the model's pictures", () => {
    const set = (name: string, shape: number[]) => ({ name, title: name, shape, test: 1 });
    expect(fittingData(network([]), [set("colour", [28, 28, 3]), set("grey", [28, 28, 1])]).map(({ name }) => name)).toEqual(["grey"]);
  });

  test("values beyond a scale are told", () => {
    const range = { low: -1, high: 9, count: 4, not_finite: 0, usual: 2 };
    expect(beyondText({ map: "diverging", low: -2, high: 2 }, range)).toBe("values reach beyond the scale, from -1 to 9");
    expect(beyondText({ map: "diverging", low: -9, high: 9 }, range)).toBe("");
  });

  test("a scale is that of the map, the layer or the network", () => {
    const range = (high: number) => ({ low: 0, high, count: 4, not_finite: 0, usual: 0 });
    const maps = { signs: "non_negative", maps: [range(1), range(2)], layer: range(3), network: range(9) } as Maps;
    expect([mapScale(maps, 1, "map").high, mapScale(maps, 1, "layer").high, mapScale(maps, 0, "network").high]).toEqual([2, 3, 9]);
  });
});

describe("the grid of maps", () => {
  test.each([[64, 26, 26, 800], [512, 14, 14, 800], [1, 224, 224, 300], [128, 1, 1, 360], [2048, 7, 7, 1600], [3, 1, 40, 390]])(
    "%i maps of %i x %i in %i pixels: each is found where it stands",
    (count, rows, columns, width) => {
      const layout = gridLayout(count, rows, columns, width);
      expect(layout.width).toBeLessThanOrEqual(width);
      for (const index of [0, Math.floor(count / 2), count - 1]) {
        const { x, y } = layout.place(index);
        expect(layout.at(x + 1, y + layout.caption + 1)).toBe(index);
        expect(y + layout.caption + layout.cellHeight).toBeLessThanOrEqual(layout.height);
      }
      expect(layout.at(-5, 3)).toBe(-1);
      expect(layout.at(3, layout.height + 50)).toBe(-1);
    },
  );
});

describe("arithmetic", () => {
  const term = (product: number) => ({ of: "x", at: [0], value: product, weight: 1, product });
  const conv = (channels: number): Explanation => ({
    tensor: "conv",
    at: [0, 0, 0],
    operation: "Conv",
    traced: 0,
    rule: "sum",
    window: [1, 2, channels],
    terms: Array.from({ length: 2 * channels }, (_, index) => term(index % channels)),
  });

  test("a window's terms go to their channels, of many the largest first", () => {
    expect(planesOf(conv(3)).map(({ channel, sum }) => [channel, sum])).toEqual([[0, 0], [1, 2], [2, 4]]);
    expect(planesOf(conv(5)).map(({ channel }) => channel)).toEqual([4, 3, 2, 1, 0]);
    expect(hasPlaces(conv(3))).toBe(true);
    expect(hasPlaces({ ...conv(3), left_out: { terms: 1, sum: 1 } })).toBe(false);
  });

  test("what is not shown of a sum is told as one number", () => {
    const dense: Explanation = { ...conv(1), terms: [3, -7, 1, 2].map(term), left_out: { terms: 10, sum: 0.5 } };
    const { shown, others, sum } = contributions(dense, 2);
    expect(shown.map(({ product }) => product)).toEqual([-7, 3]);
    expect([others, sum]).toEqual([12, 3.5]);
  });
});

describe("filters", () => {
  const filters = (shape: [number, number, number, number]) =>
    ({
      shape,
      values: Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => i),
      filters: { filters: shape[0], channels: shape[1] },
    }) as unknown as Filters;

  test("of a picture are planes, deeper ones a matrix, of a dense layer one", () => {
    expect(filterPlanes(filters([4, 1, 3, 3]), 600)).toMatchObject({ kind: "planes", across: 4 });
    expect(filterPlanes(filters([2, 3, 3, 3]), 600).name(4)).toBe("1 green");
    const deep = filterPlanes(filters([8, 64, 3, 3]), 350);
    expect(deep).toMatchObject({ kind: "matrix", down: 8, across: 50 });
    expect(deep.at(51, 2, 1)).toBe((1 * 64 + 1) * 9 + 7);
    const dense = filterPlanes(filters([10, 128, 1, 1]), 600);
    expect(dense).toMatchObject({ rows: 10, columns: 128, down: 1, across: 1 });
    expect(dense.at(0, 3, 5)).toBe(3 * 128 + 5);
  });
});

test("a picture shines through colours", () => {
  const pixels = Uint32Array.of(0xff000000, 0xffffffff);
  blend(pixels, { shape: [1, 2, 1], values: Float32Array.of(1, 0) }, 0.5);
  expect([...pixels].map((pixel) => pixel & 255)).toEqual([128, 128]);
});

test("the lines of the page name what is shown", () => {
  const entry = { id: "bundled-fashion-cnn", title: "", origin: "bundled" as const, description: "" };
  const shown = shownBy({ ...startNetwork(), methods: methodsOf(startNetwork(), 5e6), of: 3 }, entry, undefined, "data:fashion-mnist-small:18", new Map(), "conv_1", "conv_1:1,2,3");
  expect(networkCommands(shown).split("\n")).toEqual([
    "convscope features data/models/fashion-cnn.onnx --data fashion-mnist-small --sample 18 --layer conv_1 -o maps.png --save numbers",
    "convscope explain data/models/fashion-cnn.onnx --data fashion-mnist-small --sample 18 --at conv_1:1,2,3 --trace",
    "convscope attribute data/models/fashion-cnn.onnx --data fashion-mnist-small --sample 18 --method saliency,input-x-gradient,grad-cam --class 3 -o why.png",
  ]);
  expect(networkCpp(shown)).toContain('.samples = {18}');
  const filters = shownBy({ ...startNetwork(), tab: "filters", list: "graph", methods: [] }, undefined, "a b.onnx", "coffee", new Map(), "conv/pre_activation", "");
  expect(networkCommands(filters).split("\n")).toEqual([
    "convscope graph 'a b.onnx' -o graph.svg",
    "convscope weights 'a b.onnx' --layer conv -o filters.png",
  ]);
});
