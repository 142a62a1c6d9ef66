// What the Network view asks of the engine, wherever it runs. Nothing here may assume a server.
import type { Signs, ValueRange } from "./colors";
import type { Explanation, Tensor } from "./engine";

export interface ModelEntry {
  id: string;
  title: string;
  origin: "named" | "run" | "bundled" | "built-in" | "sent";
  description: string;
}

export interface DataSet {
  name: string;
  title: string;
  shape: number[]; // of a picture: rows, columns, channels
  test: number; // pictures
}

export interface Layer {
  name: string;
  class: string;
  output_shape: (number | null)[]; // null: the batch
  parameters: number;
  multiply_adds: number;
  receptive_field: number[] | null; // null: the whole picture
  activation_bytes: number;
  tensor: string | null; // what it computes, where that can be looked at; then also:
  before?: string; // what an activation made it of
  maps?: { rows: number; columns: number; channels: number; places: boolean };
  kernel?: string; // its parameter
}

type BoxList = [x: number, y: number, width: number, height: number];
type Point = [x: number, y: number];

// Places of boxes and arrows, in points.
export interface NetworkGraph {
  width: number;
  height: number;
  nodes: { box: BoxList; lines: string[]; title_lines: number; kind: number; tensor: string | null }[];
  edges: { curve: Point[]; tip: Point; label: string; label_box: BoxList }[];
  groups: { name: string; box: BoxList; name_box: BoxList }[];
}

export interface Network {
  name: string;
  title: string;
  trained: boolean;
  source: string;
  parameters: number;
  multiply_adds: number;
  class_names: string[];
  classes: number; // 0: no classifier
  input: { name: string; shape: number[] };
  layers: Layer[];
  cam_layers: string[];
  graph: NetworkGraph | null; // null: too many boxes for a picture
  remarks: string[];
}

// What a tensor is like on one picture, over all of it.
export interface TensorFacts extends ValueRange {
  name: string;
  shape: number[];
  signs: Signs;
  mean: number;
  deviation: number;
  zeros: number; // a share
  dead: number; // maps that are all zero
}

export interface ClassScore {
  class: number;
  name: string;
  score: number;
}

export interface Look {
  picture: Tensor; // (rows, columns, channels), 0 to 1, as the model sees it
  source: string;
  note: string; // what was done to it
  truth?: string;
  tensors: TensorFacts[];
  prediction: { probabilities: boolean; classes: number; nothing: string; top: ClassScore[] } | null;
  milliseconds: number;
}

export interface Maps extends Tensor {
  // (channels, rows, columns), every `step`-th value
  tensor: string;
  rows: number; // of a whole map
  columns: number;
  step: number;
  channels: number[];
  signs: Signs;
  maps: ValueRange[]; // of each channel, over all of it
  layer: ValueRange;
  network: ValueRange;
}

export interface Filters extends Tensor {
  // (filters, channels, rows, columns), the first of each
  name: string;
  minimum: number;
  maximum: number;
  mean: number;
  deviation: number;
  range: ValueRange;
  histogram: { low: number; high: number; counts: number[] };
  filters: {
    operation: string;
    filters: number;
    rows: number;
    columns: number;
    channels: number;
    norms: number[];
    dead: number[];
    near_duplicates: { filters: [number, number]; cosine: number }[] | null;
  };
  shown: { filters: number; channels: number };
}

export interface BackwardStep {
  tensor: string;
  at: number[];
  value: number;
  operation?: string; // that computed it; none: it was fed in
  contribution?: number;
  share?: number;
  next?: string; // "the largest of 27 products"
  end?: string;
}

export interface ReceptiveField {
  pixels: number;
  top: number;
  left: number;
  height: number;
  width: number;
  mask: string[]; // "0110" for each row of the picture
}

export interface ExplainedValue {
  explanations: Explanation[]; // the value, then what it went through
  receptive_field?: ReceptiveField; // none: not known
  trace?: BackwardStep[];
  untold?: string; // why there is no arithmetic
}

export interface Method {
  name: string;
  of_layer: boolean;
  knows_class: boolean;
  signed: boolean;
}

export interface Attribution extends Tensor {
  // (rows, columns)
  method: string;
  signed: boolean;
  of_layer: boolean;
  range: ValueRange;
}

export interface Attributed {
  classes: { class: number; name: string; probability: number; logit: number }[];
  layer?: { name: string; rows: number; columns: number };
  attributions: Attribution[];
}

// A model on a picture: a name that the engine has for each, or "data:NAME:NUMBER" for a sample of a data set.
export interface Subject {
  model: string;
  picture: string;
}

export interface NetworkEngine {
  models(): Promise<ModelEntry[]>;
  // The bytes of an .onnx file, known by that name from now on.
  addModel(bytes: Uint8Array<ArrayBuffer>): Promise<ModelEntry>;
  // Those that are on this machine.
  dataSets(): Promise<DataSet[]>;
  describe(model: string): Promise<Network>;
  // Of what follows with one kind of request only the newest is of interest: an older one may be refused with 409.
  look(subject: Subject): Promise<Look>;
  maps(subject: Subject, tensor: string, side: number, channels?: number[]): Promise<Maps>;
  filters(model: string, parameter: string): Promise<Filters>;
  explain(subject: Subject, at: string): Promise<ExplainedValue>;
  methods(): Promise<Method[]>;
  attribute(subject: Subject, methods: string[], of?: number, layer?: string): Promise<Attributed>;
}
