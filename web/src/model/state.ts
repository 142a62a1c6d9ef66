// All that the Playground shows, as one value, and as the text of a link: opening the link shows the same.
import type { Filter } from "./engine";

export type Colour = "grey" | "rgb";
export type Pool = { kind: "max" | "average"; size: string; stride: string };

// A value that is looked at.
export interface Place {
  kernel: number;
  stage: string; // a stage, or "input"
  row: number;
  column: number;
  channel: number;
}

export interface State {
  picture: string; // a bundled one, one that was sent, or a drawing (drawing.ts)
  colour: Colour;
  channel: string; // "", or the only one that is convolved: r, g or b
  kernels: string[]; // 1 to 4 expressions
  stride: string;
  padding: string;
  padMode: string;
  dilation: string;
  flip: boolean;
  bias: string;
  activation: string;
  pools: Pool[];
  shown: string; // of colour results: "" all three as one picture, or r, g, b alone
  sameScale: boolean; // the maps of a stage have one scale for all kernels
  place: Place | undefined;
}

export const mostKernels = 4;

export function startState(): State {
  return {
    picture: "chelsea",
    colour: "grey",
    channel: "",
    kernels: ["sobel-x"],
    stride: "1",
    padding: "same",
    padMode: "zero",
    dilation: "1",
    flip: false,
    bias: "",
    activation: "relu",
    pools: [{ kind: "max", size: "2", stride: "2" }],
    shown: "",
    sameScale: true,
    place: undefined,
  };
}

function poolText({ kind, size, stride }: Pool): string {
  return `${kind}:${size}:${stride}`;
}

function parsePool(text: string): Pool | undefined {
  const match = /^(max|average):([0-9x,]+):([0-9x,]+)$/.exec(text);
  return match ? { kind: match[1] as Pool["kind"], size: match[2]!, stride: match[3]! } : undefined;
}

// "picture=chelsea&kernel=edge&...": what is as it was at the start is left out, but for the kernels.
export function toHash(state: State): string {
  const start = startState();
  const query = new URLSearchParams();
  const put = (name: string, value: string, usual: string) => {
    if (value !== usual) query.set(name, value);
  };
  query.set("picture", state.picture);
  put("colour", state.colour, start.colour);
  put("channel", state.channel, start.channel);
  for (const kernel of state.kernels) query.append("kernel", kernel);
  put("stride", state.stride, start.stride);
  put("padding", state.padding, start.padding);
  put("pad-mode", state.padMode, start.padMode);
  put("dilation", state.dilation, start.dilation);
  put("flip", state.flip ? "yes" : "", "");
  put("bias", state.bias, start.bias);
  put("activation", state.activation || "none", start.activation);
  put("pool", state.pools.map(poolText).join(" ") || "none", start.pools.map(poolText).join(" "));
  put("shown", state.shown, start.shown);
  put("scale", state.sameScale ? "" : "own", "");
  if (state.place) {
    const { kernel, stage, row, column, channel } = state.place;
    query.set("at", [kernel, stage, row, column, channel].join(","));
  }
  return `playground?${query.toString()}`;
}

function parsePlace(text: string): Place | undefined {
  const [kernel, stage, row, column, channel] = text.split(",");
  const numbers = [kernel, row, column, channel].map(Number);
  if (!stage || !numbers.every((number) => Number.isInteger(number) && number >= 0)) return undefined;
  return { kernel: numbers[0]!, stage, row: numbers[1]!, column: numbers[2]!, channel: numbers[3]! };
}

// What a link says; what it does not say, or says wrongly, is as at the start.
export function fromHash(hash: string): State {
  const state = startState();
  const question = hash.indexOf("?");
  if (question < 0) return state;
  const query = new URLSearchParams(hash.slice(question + 1));
  const text = (name: string, usual: string) => query.get(name) ?? usual;
  const among = <Value extends string>(name: string, values: readonly Value[], usual: Value) => {
    const value = query.get(name) as Value;
    return values.includes(value) ? value : usual;
  };
  const kernels = query.getAll("kernel").filter(Boolean).slice(0, mostKernels);
  const activation = text("activation", state.activation);
  const pools = text("pool", "")
    .split(" ")
    .map(parsePool)
    .filter((pool) => pool !== undefined);
  return {
    picture: text("picture", state.picture),
    colour: among("colour", ["grey", "rgb"], state.colour),
    channel: among("channel", ["", "r", "g", "b"], ""),
    kernels: kernels.length > 0 ? kernels : state.kernels,
    stride: text("stride", state.stride),
    padding: text("padding", state.padding),
    padMode: among("pad-mode", ["zero", "edge", "reflect", "wrap"], "zero"),
    dilation: text("dilation", state.dilation),
    flip: query.get("flip") === "yes",
    bias: text("bias", state.bias),
    activation: activation === "none" ? "" : activation,
    pools: query.has("pool") ? pools : state.pools,
    shown: among("shown", ["", "r", "g", "b"], ""),
    sameScale: query.get("scale") !== "own",
    place: parsePlace(query.get("at") ?? ""),
  };
}

// What is asked of the engine for one kernel; `picture` is the name that the engine knows.
export function filterOf(state: State, kernel: number, picture: string): Filter {
  return {
    picture,
    colour: state.colour,
    channels: state.colour === "rgb" ? state.channel : "",
    kernel: state.kernels[kernel]!,
    stride: state.stride,
    padding: state.padding,
    pad_mode: state.padMode,
    dilation: state.dilation,
    flip_kernel: state.flip,
    bias: state.bias,
    activation: state.activation,
    pools: state.pools.map(poolText),
  };
}

// The names of the stages, as the engine gives them.
export function stageNames(state: State): string[] {
  const names = ["conv"];
  if (state.activation) names.push("activation");
  for (const { kind } of state.pools) {
    const name = kind === "max" ? "max_pool" : "average_pool";
    let unique = name;
    for (let number = 2; names.includes(unique); number++) unique = `${name}_${number}`;
    names.push(unique);
  }
  return names;
}

// The stage that a stage is computed from.
export function sourceOf(state: State, stage: string): string {
  if (stage === "conv") return "input";
  if (stage === "activation") return "conv";
  return state.activation ? "activation" : "conv";
}

// The stage whose scale a stage is drawn on.
export function scaleStageOf(state: State, stage: string): string {
  return stage === "conv" || stage === "activation" ? stage : sourceOf(state, stage);
}

// "2" or "2,3" as rows and columns; undefined for what is none yet, as while it is typed.
export function pairOf(text: string): [number, number] | undefined {
  const numbers = text.split(/[,x]/).map((piece) => (/^\s*\d+\s*$/.test(piece) ? Number(piece) : NaN));
  if (numbers.length > 2 || numbers.some((number) => !(number >= 1))) return undefined;
  return [numbers[0]!, numbers[numbers.length - 1]!];
}

export type AxisPadding = "valid" | "same" | [number, number];

// Rows and columns; undefined as above.
export function paddingOf(text: string): [AxisPadding, AxisPadding] | undefined {
  if (text === "valid" || text === "same") return [text, text];
  const n = text.split(/[,x]/).map((piece) => (/^\s*\d+\s*$/.test(piece) ? Number(piece) : NaN));
  if (n.some(Number.isNaN)) return undefined;
  if (n.length === 1) return [[n[0]!, n[0]!], [n[0]!, n[0]!]];
  if (n.length === 2) return [[n[0]!, n[0]!], [n[1]!, n[1]!]];
  if (n.length === 4) return [[n[0]!, n[1]!], [n[2]!, n[3]!]];
  return undefined;
}
