// What the Train view asks of an engine that can train. Nothing here may assume a server.
import type { Signs, ValueRange } from "./colors";
import type { Tensor } from "./engine";

export type Value = number | string | boolean | null | Value[] | { [name: string]: Value };

export interface LayerConfig {
  class_name: string;
  config: Record<string, Value>;
}

export interface Setting {
  name: string;
  standard: number | boolean;
}

// Something that is chosen by name, and what is set of it.
export interface Choice {
  name: string;
  settings: Setting[];
}

export interface DatasetChoice {
  name: string;
  title: string;
  shape: number[]; // rows, columns, channels
  train: number; // pictures
  test: number;
  classes: string[];
}

export interface Choices {
  datasets: DatasetChoice[];
  architectures: { name: string; description: string }[];
  layers: { name: string; arguments: Record<string, Value> }[];
  optimizers: Choice[];
  schedules: Choice[];
  losses: Choice[];
}

export interface Network {
  model: string; // a built-in one, or the name of what `layers` make
  data: string;
  layers?: LayerConfig[];
}

export interface NetworkCheck {
  layers: { name: string; class: string; output: number[]; parameters: number }[]; // up to the mistake
  parameters: number;
  wrong?: { layer: number; where: string; rule: string; received: string; fix: string };
  text?: LayerConfig[]; // of a built-in chain
}

// The settings of `convscope train` that are not as they are when nothing is said.
export type TrainSettings = Record<string, Value>;

export interface Epoch {
  epoch: number; // from 1
  loss: number;
  accuracy: number;
  val_loss?: number;
  val_accuracy?: number;
  learning_rate: number;
  seconds: number;
}

export type Phase = "idle" | "preparing" | "running" | "paused" | "stopping" | "finished" | "interrupted" | "failed";

// How a training stands: told twice a second, with the steps since it was told last.
export interface Progress {
  number: number; // what was told later has a higher one
  state: Phase;
  run: string; // empty: none has been begun
  network: string;
  data: string;
  epochs: number; // in all
  steps_per_epoch: number;
  step: number; // steps done
  first: number; // the first of `loss` and `accuracy`
  loss: (number | null)[]; // null: not finite
  accuracy: number[];
  history: Epoch[];
  began: number; // steps that were done when it was begun or resumed
  seconds: number; // since then, without pauses
  remarks: string[];
  failure?: string;
  result?: string;
  test_loss?: number;
  test_accuracy?: number;
}

export interface Curves {
  loss: Float32Array; // of each step
  accuracy: Float32Array;
  epochs: Epoch[];
}

export interface Run {
  name: string;
  state: string;
  epochs: number; // done
  seconds: number;
  parameters: number;
  test_loss?: number;
  test_accuracy?: number;
  settings: { model: string; data: string; epochs: number; batch_size: number; optimizer: string; seed: number; validation: string };
}

export interface LookRequest {
  run: string;
  step?: number; // a snapshot; else as it is now
  layer: string; // empty: the first that has filters
  sample: number; // a test picture
}

export interface Look {
  step: number;
  layer: string;
  layers: { name: string; shape: number[]; filters: boolean }[];
  samples: number;
  snapshots: number[];
  classes: string[];
  label?: number;
  maps: ValueRange & { shape: number[]; step: number; signs: Signs };
  kernel?: { name: string; shape: number[] };
  probabilities?: boolean;
  tensors: Map<string, Tensor>; // picture, maps, kernel, gradient, scores
}

export interface Evaluation {
  pictures: number;
  loss: number;
  accuracy: number;
  classes: { name: string; precision: number; recall: number; f1: number }[];
  confusion: number[][]; // rows true, columns predicted
}

export interface Trainer {
  choices(): Promise<Choices>;
  check(network: Network): Promise<NetworkCheck>;
  state(): Promise<{ progress: Progress; curves: Curves }>;
  start(run: string, settings: TrainSettings, layers?: LayerConfig[]): Promise<void>;
  resume(run: string, epochs?: number): Promise<void>;
  steer(what: "pause" | "step" | "continue" | "stop"): Promise<void>;
  look(request: LookRequest): Promise<Look>;
  runs(): Promise<Run[]>;
  curves(runs: string[]): Promise<Curves[]>;
  evaluate(run: string): Promise<Evaluation>;
  // Calls `heard` whenever there is something new, until what it returns is called.
  listen(heard: (progress: Progress) => void): () => void;
  // Calls `heard` when the engine is lost, and when it is there again.
  connection(heard: (open: boolean) => void): () => void;
}
