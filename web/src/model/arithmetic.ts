// The arithmetic of one value, out of the tensors that a network computed: for a page that has no engine beside it. The
// same rules as the engine's (Operation::Explain); what an operation is not known of here has no rule, and is told by
// its name and value alone.
import type { Explanation, Term } from "./engine";
import type { BackwardStep, ReceptiveField } from "./network_engine";
import { axisOf, source } from "./window";
import type { Axis, PadMode } from "./window";

export interface GraphNode {
  name: string;
  operation: string;
  attributes: Record<string, unknown>;
  inputs: string[];
  outputs: string[];
}

// A tensor of one sample: `shape` without the batch for what is computed, whole for a parameter.
export interface Values {
  shape: number[];
  at(place: number[]): number;
}

export type Tensors = (name: string) => Values | undefined;

const functions: Record<string, string> = {
  Relu: "max(x, 0)",
  Sigmoid: "1 / (1 + e^-x)",
  Tanh: "tanh(x)",
  Softplus: "ln(1 + e^x)",
  Softsign: "x / (1 + |x|)",
  Exponential: "e^x",
  Linear: "x",
};

// Of an attribute that is one number for all axes, or one each.
function perAxis(value: unknown, axis: number): number {
  const list = value as number[];
  return list.length === 1 ? list[0]! : list[axis]!;
}

function paddingOf(value: unknown, axis: number): "valid" | "same" | [number, number] {
  const text = Array.isArray(value) ? String(value[value.length === 1 ? 0 : axis]) : String(value);
  if (text === "valid" || text === "same") return text;
  const [before, after] = text.split(":").map(Number);
  return [before!, after!];
}

// Rows and columns of a window over maps (rows, columns, channels).
function windowAxes({ attributes }: GraphNode, shape: number[], sizes: [number, number]): [Axis, Axis] {
  const axis = (a: 0 | 1) =>
    axisOf(shape[a]!, sizes[a], perAxis(attributes["strides"], a), perAxis(attributes["dilations"], a), paddingOf(attributes["padding"], a));
  return [axis(0), axis(1)];
}

function padMode({ attributes }: GraphNode): PadMode {
  return (attributes["pad_mode"] as PadMode | undefined) ?? "zero";
}

// The places of the input under an output, row by row; undefined for a zero of the padding.
function placesUnder(axes: [Axis, Axis], mode: PadMode, row: number, column: number): ([number, number] | undefined)[] {
  const [down, across] = axes;
  const places: ([number, number] | undefined)[] = [];
  for (let r = 0; r < down.size; r++) {
    const y = source(row * down.stride + r * down.dilation - down.before, down.in, mode);
    for (let s = 0; s < across.size; s++) {
      const x = source(column * across.stride + s * across.dilation - across.before, across.in, mode);
      places.push(y < 0 || x < 0 ? undefined : [y, x]);
    }
  }
  return places;
}

type Rule = Pick<Explanation, "rule" | "formula" | "window" | "terms" | "offsets" | "value">;

function term(of: string, at: number[], value: number, weight: number): Term {
  return { of, at, value, weight, product: value * weight };
}

const zeroTerm = (weight: number): Term => ({ value: 0, weight, product: 0 });

function sumOf(formula: string, window: number[], terms: Term[], offsets: Term[] = []): Rule {
  const value = [...terms, ...offsets].reduce((total, { product }) => total + product, 0);
  return { rule: "sum", formula, window, terms, offsets, value };
}

function biasTerms(node: GraphNode, tensors: Tensors, channel: number): Term[] {
  const name = node.inputs[2];
  const bias = name === undefined ? undefined : tensors(name);
  return bias ? [term(name!, [channel], bias.at([channel]), 1)] : [];
}

function explainConv(node: GraphNode, tensors: Tensors, [row, column, filter]: number[]): Rule | undefined {
  const [inputName, kernelName] = node.inputs as [string, string];
  const input = tensors(inputName);
  const kernel = tensors(kernelName);
  if (!input || !kernel || kernel.shape.length !== 4 || input.shape.length !== 3) return undefined;
  const [rows, columns, channels, filters] = kernel.shape as [number, number, number, number];
  const axes = windowAxes(node, input.shape, [rows, columns]);
  const groups = node.attributes["groups"] as number;
  const first = Math.floor(filter! / (filters / groups)) * channels;
  const flipped = node.attributes["flip_kernel"] === true;
  const terms = placesUnder(axes, padMode(node), row!, column!).flatMap((place, index) => {
    const [r, s] = [Math.floor(index / columns), index % columns];
    return Array.from({ length: channels }, (_, c) => {
      const weight = kernel.at(flipped ? [rows - 1 - r, columns - 1 - s, c, filter!] : [r, s, c, filter!]);
      if (!place) return zeroTerm(weight);
      const at = [...place, first + c];
      return term(inputName, at, input.at(at), weight);
    });
  });
  const offsets = biasTerms(node, tensors, filter!);
  return sumOf(`sum of input x ${flipped ? "flipped " : ""}kernel${offsets.length > 0 ? " + bias" : ""}`, [rows, columns, channels], terms, offsets);
}

function explainDense(node: GraphNode, tensors: Tensors, [unit]: number[]): Rule | undefined {
  const [inputName, kernelName] = node.inputs as [string, string];
  const input = tensors(inputName);
  const kernel = tensors(kernelName);
  if (!input || !kernel || kernel.shape.length !== 2 || input.shape.length !== 1) return undefined;
  const terms = Array.from({ length: kernel.shape[0]! }, (_, i) => term(inputName, [i], input.at([i]), kernel.at([i, unit!])));
  const offsets = biasTerms(node, tensors, unit!);
  return sumOf(`sum of input x kernel${offsets.length > 0 ? " + bias" : ""}`, [terms.length], terms, offsets);
}

function explainPool(node: GraphNode, tensors: Tensors, [row, column, channel]: number[]): Rule | undefined {
  const name = node.inputs[0]!;
  const input = tensors(name);
  if (!input || input.shape.length !== 3) return undefined;
  const sizes: [number, number] = [perAxis(node.attributes["sizes"], 0), perAxis(node.attributes["sizes"], 1)];
  const places = placesUnder(windowAxes(node, input.shape, sizes), padMode(node), row!, column!);
  const window = [...sizes, 1];
  const within = places.flatMap((place) => (place ? [[...place, channel!]] : []));
  if (node.operation === "MaxPool") {
    const values = within.map((at) => input.at(at));
    const terms = places.map((place) => {
      const at = place && [...place, channel!];
      return at ? term(name, at, input.at(at), 1) : zeroTerm(0);
    });
    return { rule: "maximum", formula: "largest of the window", window, terms, offsets: [], value: Math.max(...values) };
  }
  if (node.attributes["ceil_mode"] === true) return undefined; // what counts at the border is the engine's to say
  const counted = node.attributes["count_include_pad"] === true ? places.length : within.length;
  const weight = 1 / counted;
  const terms = places.map((place) => {
    if (!place) return zeroTerm(weight);
    const at = [...place, channel!];
    return term(name, at, input.at(at), weight);
  });
  return sumOf("mean of the window", window, terms);
}

function explainGlobalPool(node: GraphNode, tensors: Tensors, at: number[]): Rule | undefined {
  const name = node.inputs[0]!;
  const input = tensors(name);
  if (!input || input.shape.length !== 3) return undefined;
  const [rows, columns] = input.shape as [number, number];
  const channel = at[at.length - 1]!;
  const average = node.operation === "GlobalAveragePool";
  const terms = Array.from({ length: rows * columns }, (_, i) => {
    const place = [Math.floor(i / columns), i % columns, channel];
    return term(name, place, input.at(place), average ? 1 / (rows * columns) : 1);
  });
  const window = [rows, columns, 1];
  if (average) return sumOf("mean of all pixels of the channel", window, terms);
  return { rule: "maximum", formula: "largest of all pixels of the channel", window, terms, offsets: [], value: Math.max(...terms.map(({ value }) => value)) };
}

function explainNormalization(node: GraphNode, tensors: Tensors, at: number[]): Rule | undefined {
  const { center, scale, epsilon } = node.attributes as { center: boolean; scale: boolean; epsilon: number };
  const names = [...node.inputs];
  const input = names.shift()!;
  const gammaName = scale ? names.shift() : undefined;
  const betaName = center ? names.shift() : undefined;
  const [meanName, varianceName] = names;
  const channel = [at[at.length - 1]!];
  const number = (name: string | undefined, otherwise: number) => (name === undefined ? otherwise : tensors(name)?.at(channel));
  const [gamma, beta, mean, variance] = [number(gammaName, 1), number(betaName, 0), number(meanName, NaN), number(varianceName, NaN)];
  const x = tensors(input)?.at(at);
  if (x === undefined || gamma === undefined || beta === undefined || mean === undefined || variance === undefined) return undefined;
  const weight = gamma / Math.sqrt(variance + epsilon);
  const offsets = betaName === undefined ? [] : [term(betaName, channel, beta, 1)];
  return sumOf("(x - mean) * gamma / sqrt(variance + epsilon) + beta", [2], [term(input, at, x, weight), term(meanName!, channel, mean, -weight)], offsets);
}

function explainSum(node: GraphNode, tensors: Tensors, at: number[]): Rule | undefined {
  const terms: Term[] = [];
  for (const name of node.inputs) {
    const input = tensors(name);
    if (!input || input.shape.length !== at.length || input.shape.some((length, axis) => at[axis]! >= length)) return undefined;
    terms.push(term(name, at, input.at(at), 1));
  }
  return sumOf("sum of the inputs", [terms.length], terms);
}

function explainConcat(node: GraphNode, tensors: Tensors, at: number[]): Rule | undefined {
  if (node.attributes["axis"] !== -1 && node.attributes["axis"] !== at.length) return undefined;
  let channel = at[at.length - 1]!;
  for (const name of node.inputs) {
    const input = tensors(name);
    if (!input) return undefined;
    const channels = input.shape[input.shape.length - 1]!;
    const place = [...at.slice(0, -1), channel];
    if (channel < channels) return sumOf("one of the inputs, unchanged", [1], [term(name, place, input.at(place), 1)]);
    channel -= channels;
  }
  return undefined;
}

function explainReshape(node: GraphNode, tensors: Tensors, at: number[], shape: number[]): Rule | undefined {
  const name = node.inputs[0]!;
  const input = tensors(name);
  if (!input) return undefined;
  let index = at.reduce((total, place, axis) => total * shape[axis]! + place, 0);
  const place = [...input.shape].reverse().map((length) => {
    const here = index % length;
    index = Math.floor(index / length);
    return here;
  }).reverse();
  return sumOf("the input, unchanged, under another shape", [1], [term(name, place, input.at(place), 1)]);
}

function explainSoftmax(node: GraphNode, tensors: Tensors, at: number[]): Rule | undefined {
  const name = node.inputs[0]!;
  const input = tensors(name);
  if (!input || input.shape.length !== 1) return undefined;
  const terms = Array.from({ length: input.shape[0]! }, (_, i) => term(name, [i], input.at([i]), 1));
  const largest = Math.max(...terms.map(({ value }) => value));
  const sum = terms.reduce((total, { value }) => total + Math.exp(value - largest), 0);
  const value = Math.exp(terms[at[0]!]!.value - largest) / sum;
  return { rule: "function", formula: "e^x / sum of e^x over all of the row", window: [terms.length], terms, offsets: [], value };
}

function explainFunction(node: GraphNode, tensors: Tensors, at: number[], traced: number): Rule | undefined {
  const name = node.inputs[0]!;
  const input = tensors(name);
  const formula = functions[node.operation];
  if (!input || formula === undefined || node.inputs.length !== 1) return undefined;
  const x = input.at(at);
  const value = node.operation === "Relu" ? Math.max(x, 0) : node.operation === "Linear" ? x : traced;
  return { rule: "function", formula: `f(x) = ${formula}`, window: [1], terms: [term(name, at, x, 1)], offsets: [], value };
}

function ruleOf(node: GraphNode, tensors: Tensors, at: number[], shape: number[], traced: number): Rule | undefined {
  switch (node.operation) {
    case "Conv":
      return explainConv(node, tensors, at);
    case "Dense":
      return explainDense(node, tensors, at);
    case "MaxPool":
    case "AveragePool":
      return explainPool(node, tensors, at);
    case "GlobalAveragePool":
    case "GlobalMaxPool":
      return explainGlobalPool(node, tensors, at);
    case "BatchNormalization":
      return explainNormalization(node, tensors, at);
    case "Add":
      return explainSum(node, tensors, at);
    case "Concat":
      return explainConcat(node, tensors, at);
    case "Reshape":
    case "Dropout":
      return explainReshape(node, tensors, at, shape);
    case "Softmax":
      return explainSoftmax(node, tensors, at);
    default:
      return explainFunction(node, tensors, at, traced);
  }
}

export function explain(nodes: GraphNode[], tensors: Tensors, tensor: string, at: number[]): Explanation | undefined {
  const node = nodes.find(({ outputs }) => outputs[0] === tensor);
  const values = tensors(tensor);
  if (!node || !values) return undefined;
  const traced = values.at(at);
  const told = { tensor, at, operation: node.operation, traced, inputs: node.inputs };
  const rule = ruleOf(node, tensors, at, values.shape, traced);
  if (!rule) return told;
  const size = [...(rule.terms ?? []), ...(rule.offsets ?? [])].reduce((total, { product }) => total + Math.abs(product), 0);
  return { ...told, ...rule, agrees: Math.abs(rule.value! - traced) <= 1e-5 * size + 1e-30 };
}

// The one value that a value went through: of a function what it is of, of a softmax its logit.
function throughTerm({ operation, rule, terms = [], at, window = [] }: Explanation): Term | undefined {
  if (rule === "function" && terms.length > 0) return terms.length === 1 ? terms[0] : terms[at[at.length - 1]!];
  const alone = operation === "BatchNormalization" || (window.length === 1 && window[0] === 1);
  return rule === "sum" && alone ? terms[0] : undefined;
}

// The value, then what it went through, up to one that is made of several.
export function explainChain(nodes: GraphNode[], tensors: Tensors, tensor: string, at: number[]): Explanation[] {
  const chain: Explanation[] = [];
  for (let next: { of?: string; at?: number[] } | undefined = { of: tensor, at }; next?.of !== undefined; ) {
    const told: Explanation | undefined = explain(nodes, tensors, next.of, next.at!);
    if (!told) break;
    chain.push(told);
    next = throughTerm(told);
  }
  return chain;
}

function mainTerm(told: Explanation): Term | undefined {
  const through = throughTerm(told);
  if (through) return through;
  const { rule, terms = [], value = 0 } = told;
  const inside = terms.filter(({ of }) => of !== undefined);
  if (rule === "maximum") return inside.find((one) => one.value === value);
  if (rule !== "sum") return undefined;
  const sign = value < 0 ? -1 : 1;
  return inside.reduce<Term | undefined>((best, one) => (one.product * sign > 0 && one.product * sign > (best?.product ?? 0) * sign ? one : best), undefined);
}

// From a value through the largest contribution of each to the picture.
export function walkBack(nodes: GraphNode[], tensors: Tensors, tensor: string, at: number[]): BackwardStep[] {
  const steps: BackwardStep[] = [];
  let place: { tensor: string; at: number[] } | undefined = { tensor, at };
  while (place) {
    const { tensor: name, at: here }: { tensor: string; at: number[] } = place;
    const told = explain(nodes, tensors, name, here);
    if (!told) {
      const value = tensors(name)?.at(here);
      if (value !== undefined) steps.push({ tensor: name, at: here, value });
      return steps;
    }
    const step: BackwardStep = { tensor: name, at: here, value: told.traced, operation: told.operation };
    steps.push(step);
    const next = mainTerm(told);
    if (!next) {
      step.end = told.rule ? "of which nothing is left to follow" : "whose arithmetic a report does not tell";
      return steps;
    }
    const products = (told.terms ?? []).filter(({ of, product }) => of !== undefined && product * next.product > 0);
    const sum = products.reduce((total, { product }) => total + product, 0);
    step.contribution = next.product;
    step.share = told.rule === "sum" && sum !== 0 ? next.product / sum : 1;
    step.next = throughTerm(told) ? "another form of" : told.rule === "maximum" ? "the largest of the window" : `the largest of ${(told.terms ?? []).filter(({ of }) => of !== undefined).length} products`;
    place = { tensor: next.of!, at: next.at! };
  }
  return steps;
}

// The axes of a tensor: without the batch for what is computed, whole for a parameter.
export type Shapes = (name: string) => number[] | undefined;

// Places of a tensor (rows, columns, channels), by their number row by row; channels where only some are meant.
interface Field {
  places: Set<number>;
  channels: Set<number> | undefined; // undefined: all
}

function union(a: Field | undefined, b: Field): Field {
  if (!a) return b;
  const channels = a.channels && b.channels ? new Set([...a.channels, ...b.channels]) : undefined;
  return { places: new Set([...a.places, ...b.places]), channels };
}

function mapped(places: Set<number>, from: number[], to: number[], source: (row: number, column: number) => [number, number][]): Set<number> {
  const result = new Set<number>();
  for (const place of places) {
    for (const [row, column] of source(Math.floor(place / to[1]!), place % to[1]!)) {
      if (row >= 0 && row < from[0]! && column >= 0 && column < from[1]!) result.add(row * from[1]! + column);
    }
  }
  return result;
}

function everywhere([rows = 1, columns = 1]: number[]): Field {
  return { places: new Set(Array.from({ length: rows * columns }, (_, i) => i)), channels: undefined };
}

const keepsPlaces = new Set([...Object.keys(functions), "BatchNormalization", "Dropout", "LeakyRelu", "Elu", "PRelu", "HardSigmoid", "Swish", "Gelu", "Clip"]);
const joinsPlaces = new Set(["Add", "Mul", "Sub"]);
const seesAll = new Set(["Dense", "GlobalAveragePool", "GlobalMaxPool", "Softmax"]);

// What a node sees of its input `index` where `field` is seen of its output; undefined: that is not known here.
function fieldBefore(node: GraphNode, index: number, shapes: Shapes, field: Field): Field | undefined {
  const from = shapes(node.inputs[index]!)!;
  const to = shapes(node.outputs[0]!)!;
  const { operation, attributes } = node;
  if (operation === "Reshape" && to.length === 1 && field.channels) {
    const units = [...field.channels]; // of the flat tensor
    const channels = from[from.length - 1]!;
    return { places: new Set(units.map((unit) => Math.floor(unit / channels))), channels: new Set(units.map((unit) => unit % channels)) };
  }
  const whole = seesAll.has(operation) || (operation === "Reshape" && to.length === 1);
  if (whole) return everywhere(from);
  if (from.length === 1) return keepsPlaces.has(operation) || joinsPlaces.has(operation) ? field : everywhere(from);
  if (from.length !== 3 || to.length !== 3) return undefined;
  if (operation === "Conv" || operation === "MaxPool" || operation === "AveragePool") {
    const taps = operation === "Conv" ? shapes(node.inputs[1]!)! : [0, 1].map((axis) => perAxis(attributes["sizes"], axis));
    const axes = windowAxes(node, from, [taps[0]!, taps[1]!]);
    const under = (row: number, column: number) => placesUnder(axes, padMode(node), row, column).filter((place) => place !== undefined);
    const groups = operation === "Conv" ? (attributes["groups"] as number) : 0; // a pool has a group for each channel
    const own = groups === 0 ? field.channels : groupChannels(field.channels, groups, from[2]!, to[2]!);
    return { places: mapped(field.places, from, to, under), channels: own };
  }
  if (operation === "Pad" && attributes["mode"] === "zero") {
    const [, top = 0, left = 0] = attributes["before"] as number[];
    return { places: mapped(field.places, from, to, (row, column) => [[row - top, column - left]]), channels: undefined };
  }
  const same = from[0] === to[0] && from[1] === to[1];
  if (operation === "Concat" && same) {
    const first = node.inputs.slice(0, index).reduce((total, name) => total + shapes(name)![2]!, 0);
    if (!field.channels) return field;
    const own = [...field.channels].map((channel) => channel - first).filter((channel) => channel >= 0 && channel < from[2]!);
    return own.length > 0 ? { places: field.places, channels: new Set(own) } : { places: new Set(), channels: new Set() };
  }
  return same && (keepsPlaces.has(operation) || (joinsPlaces.has(operation) && from[2] === to[2])) ? field : undefined;
}

// The input channels of the groups that output channels are in; undefined: all.
function groupChannels(channels: Set<number> | undefined, groups: number, input: number, output: number): Set<number> | undefined {
  if (!channels || groups === 1) return undefined;
  const own = new Set<number>();
  for (const channel of channels) {
    const group = Math.floor(channel / (output / groups));
    for (let c = 0; c < input / groups; c++) own.add((group * input) / groups + c);
  }
  return own;
}

// The pixels of `input` that a value depends on; undefined where an operation on the way is not known here.
export function receptiveField(nodes: GraphNode[], shapes: Shapes, input: string, tensor: string, at: number[]): ReceptiveField | undefined {
  const fields = new Map<string, Field>();
  const own = shapes(tensor)!;
  fields.set(tensor, { places: new Set([at.length === 3 ? at[0]! * own[1]! + at[1]! : 0]), channels: new Set([at[at.length - 1]!]) });
  for (const node of [...nodes].reverse()) {
    const field = fields.get(node.outputs[0]!);
    if (!field || field.places.size === 0) continue;
    for (const [index, name] of node.inputs.entries()) {
      const isMade = name === input || nodes.some(({ outputs }) => outputs.includes(name));
      if (!isMade) continue; // a parameter
      const before = shapes(name) && fieldBefore(node, index, shapes, field);
      if (!before) return undefined;
      fields.set(name, union(fields.get(name), before));
    }
  }
  const [rows, columns] = shapes(input) as [number, number];
  const places = [...(fields.get(input)?.places ?? [])];
  if (places.length === 0) return { pixels: 0, top: 0, left: 0, height: 0, width: 0, mask: [] };
  const inRows = places.map((place) => Math.floor(place / columns));
  const inColumns = places.map((place) => place % columns);
  const [top, left] = [Math.min(...inRows), Math.min(...inColumns)];
  const known = new Set(places);
  return {
    pixels: places.length,
    top,
    left,
    height: Math.max(...inRows) - top + 1,
    width: Math.max(...inColumns) - left + 1,
    mask: Array.from({ length: rows }, (_, row) => Array.from({ length: columns }, (__, column) => (known.has(row * columns + column) ? "1" : "0")).join("")),
  };
}
