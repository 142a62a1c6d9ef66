// What the views ask of the engine, wherever it runs: behind HTTP today. Nothing here may assume a server.
import type { Signs, ValueRange } from "./colors";
import type { NetworkEngine } from "./network_engine";
import type { Trainer } from "./training";

// A tensor of float32, in the order of memory.
export interface Tensor {
  shape: number[];
  values: Float32Array;
}

// A filter in the texts of the command line (`convscope filter --help`).
export interface Filter {
  picture: string;
  colour: "grey" | "rgb";
  channels: string;
  kernel: string;
  stride: string;
  padding: string;
  pad_mode: string;
  dilation: string;
  flip_kernel: boolean;
  bias: string;
  activation: string;
  pools: string[];
}

// What is shown of a stage: `side` is the most rows and columns; more are thinned out.
export interface View {
  tensor: string;
  channel?: number;
  side: number;
}

// A stage over all of it, not only over what is shown. Of the input there are name and shape alone where it is not viewed.
export interface Stage extends ValueRange {
  name: string;
  shape: number[]; // (1, rows, columns, channels)
  signs: Signs;
  path?: string;
  milliseconds?: number;
  multiply_adds?: number;
}

// What is shown of a stage: every `step`-th value of it.
export interface ShownMap extends Tensor {
  step: number;
}

export interface Filtered {
  white: number;
  formula: string;
  stages: Stage[];
  kernel: Tensor;
  maps: Map<string, ShownMap>;
}

export interface Term {
  of?: string; // the tensor; none: a zero of the padding
  at?: number[];
  value: number;
  weight: number;
  product: number;
}

// One value's arithmetic.
export interface Explanation {
  tensor: string;
  at: number[];
  operation: string;
  traced: number;
  rule?: "sum" | "maximum" | "product" | "function";
  formula?: string;
  window?: number[];
  terms?: Term[];
  offsets?: Term[];
  value?: number;
  agrees?: boolean;
  inputs?: string[]; // what its node reads
  channels?: { channel: number; sum: number }[]; // of a sum over a window of several, the largest first
  left_out?: { terms: number; sum: number }; // terms that are not told, the smallest
}

export interface PresetParameter {
  name: string;
  description: string;
  kind: "number" | "whole number" | "odd number";
  unit: string;
  low: number;
  high: number;
  standard: number;
}

export interface Preset {
  name: string;
  family: string;
  description: string;
  source: string;
  parameters: PresetParameter[];
}

export interface Kernel {
  shape: number[];
  values: number[]; // in the order of memory
  bias: number;
}

// What the engine refused: the rule, what it received, and what to do.
export class EngineError extends Error {
  constructor(
    readonly status: number,
    readonly parts: { where: string; rule: string; received: string; fix: string },
  ) {
    const { where, rule, received, fix } = parts;
    super(`${where ? `${where}: ` : ""}${rule}${received ? `; received ${received}` : ""}${fix ? `; ${fix}` : ""}`);
  }
}

export interface Engine {
  readonly computes: boolean; // whether it takes new pictures and models, or shows what it has
  readonly network: NetworkEngine;
  readonly trainer?: Trainer; // of an engine that can train
  pictures(): Promise<string[]>;
  // The name under which the bytes of a picture file are known from now on.
  addPicture(bytes: Uint8Array<ArrayBuffer>): Promise<string>;
  presets(): Promise<Preset[]>;
  kernel(text: string): Promise<Kernel>;
  // Of requests with one `subject` only the newest is of interest: an older one may be refused with status 409.
  filter(filter: Filter, views: View[], subject: string): Promise<Filtered>;
  explain(filter: Filter, at: string, subject: string): Promise<Explanation[]>;
}
