// All that the Train view shows, as one value, and as the text of a link.
import { parseLayer } from "./layer_lines";
import type { LayerConfig, TrainSettings } from "./training";

export const shownKinds = ["filters", "gradient", "maps"] as const;
export type ShownKind = (typeof shownKinds)[number];

export interface TrainState {
  data: string;
  model: string; // a built-in network; "" where `layers` are its own
  layers: string[]; // lines, see layers.ts
  epochs: string;
  batch: string;
  seed: string;
  optimizer: string; // as `convscope train` takes it, and so on
  schedule: string;
  warmup: string;
  loss: string;
  validation: string;
  shift: string;
  rotate: string;
  zoom: string;
  noise: string;
  flip: boolean;
  stopping: string; // early: epochs without a better validation loss; 0: never
  snapshots: string; // steps between them; 0: none
  name: string; // of the run to be begun; "": made up

  shown: string; // the run that is looked at; "": the newest training
  compare: string[]; // runs beside it
  log: boolean;
  smooth: number; // steps
  live: boolean; // whether a layer is looked at
  layer: string; // "": the first that has filters
  kind: ShownKind;
  sample: number;
  at: string; // a snapshot's step; "": now
}

export function startTrainState(): TrainState {
  return {
    data: "fashion-mnist-small",
    model: "fashion-cnn",
    layers: [],
    epochs: "2",
    batch: "32",
    seed: "1",
    optimizer: "adam",
    schedule: "constant",
    warmup: "0",
    loss: "sparse_categorical_crossentropy",
    validation: "test",
    shift: "0",
    rotate: "0",
    zoom: "0",
    noise: "0",
    flip: false,
    stopping: "0",
    snapshots: "50",
    name: "",
    shown: "",
    compare: [],
    log: false,
    smooth: 30,
    live: true,
    layer: "",
    kind: "filters",
    sample: 0,
    at: "",
  };
}

const texts = ["data", "model", "epochs", "batch", "seed", "optimizer", "schedule", "warmup", "loss", "validation", "shift", "rotate", "zoom", "noise", "stopping", "snapshots", "name", "shown", "layer", "kind", "at"] as const;
const switches = ["flip", "log", "live"] as const;
const numbers = ["smooth", "sample"] as const;
const lists = ["layers", "compare"] as const;
const parameterOf = { layers: "l", compare: "with" } as const;

// "train?data=mnist&...": what is as it was at the start is left out.
export function trainHash(state: TrainState): string {
  const start = startTrainState();
  const query = new URLSearchParams();
  for (const name of texts) if (state[name] !== start[name]) query.set(name, state[name]);
  for (const name of switches) if (state[name] !== start[name]) query.set(name, state[name] ? "yes" : "no");
  for (const name of numbers) if (state[name] !== start[name]) query.set(name, String(state[name]));
  for (const name of lists) for (const item of state[name]) query.append(parameterOf[name], item);
  const text = query.toString();
  return text ? `train?${text}` : "train";
}

// What a link does not say, or says wrongly, is as at the start.
export function trainFromHash(hash: string): TrainState {
  const state = startTrainState();
  const question = hash.indexOf("?");
  if (question < 0) return state;
  // Whoever made the link has no business with line breaks: the texts stand in lines that people copy.
  const query = new URLSearchParams(hash.slice(question + 1).replace(/%[01][0-9a-f]|%7f/gi, ""));
  for (const name of texts) {
    const value = query.get(name);
    if (value === null || (name === "kind" && !(shownKinds as readonly string[]).includes(value))) continue;
    (state as unknown as Record<string, string>)[name] = value;
  }
  for (const name of switches) if (query.has(name)) state[name] = query.get(name) === "yes";
  for (const name of numbers) {
    const value = Number(query.get(name) ?? NaN);
    if (Number.isInteger(value) && value >= 0) state[name] = value;
  }
  for (const name of lists) state[name] = query.getAll(parameterOf[name]);
  if (state.layers.length > 0 && !query.has("model")) state.model = "";
  return state;
}

export function isWhole(text: string, least: number): boolean {
  return /^\d{1,9}$/.test(text) && Number(text) >= least;
}

export function isPart(text: string, most = Infinity): boolean {
  return text.trim() !== "" && Number(text) >= 0 && Number(text) <= most;
}

// Fields whose text is no number of their kind.
export function wrongFields(state: TrainState): Set<keyof TrainState> {
  const wrong = new Set<keyof TrainState>();
  for (const name of ["epochs", "batch"] as const) if (!isWhole(state[name], 1)) wrong.add(name);
  for (const name of ["seed", "warmup", "stopping", "snapshots"] as const) if (!isWhole(state[name], 0)) wrong.add(name);
  for (const name of ["shift", "zoom", "noise"] as const) if (!isPart(state[name], 1)) wrong.add(name);
  if (!isPart(state.rotate, 180)) wrong.add("rotate");
  if (!["test", "none"].includes(state.validation) && !isPart(state.validation, 1)) wrong.add("validation");
  if (state.name && !/^[A-Za-z0-9_][\w.-]{0,63}$/.test(state.name)) wrong.add("name");
  return wrong;
}

// Of fields that are not wrong; what `convscope train` would assume is left out, but for what a run is known by.
export function settingsOf(state: TrainState): TrainSettings {
  const settings: TrainSettings = {
    model: state.model || "network",
    data: state.data,
    epochs: Number(state.epochs),
    batch_size: Number(state.batch),
    seed: Number(state.seed),
    optimizer: state.optimizer,
    schedule: state.schedule,
    warmup: Number(state.warmup),
    loss: state.loss,
    validation: state.validation,
    flip: state.flip,
    early_stopping: Number(state.stopping),
  };
  for (const name of ["shift", "rotate", "zoom", "noise"] as const) settings[name] = Number(state[name]);
  if (Number(state.snapshots) > 0) {
    settings["snapshots"] = ["parameters"];
    settings["snapshot_every"] = Number(state.snapshots);
  }
  return settings;
}

export function layersOf(state: TrainState): LayerConfig[] | undefined {
  return state.layers.length > 0 ? state.layers.filter((line) => line.trim()).map(parseLayer) : undefined;
}

// A name that no run has: "fashion-cnn-2".
export function freeName(model: string, taken: readonly string[]): string {
  const base = (model || "network").slice(0, 50);
  for (let i = 1; ; i++) if (!taken.includes(`${base}-${i}`)) return `${base}-${i}`;
}
