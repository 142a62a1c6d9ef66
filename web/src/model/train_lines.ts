// The lines that train the same elsewhere.
import { layersOf, settingsOf } from "./train_state";
import type { TrainState } from "./train_state";
import type { LayerConfig, Value } from "./training";

function shell(word: string): string {
  return /^[\w./:=,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

// Own layers as the file that `convscope train` takes.
function layersFile(layers: LayerConfig[], shape: number[]): string {
  const input = { class_name: "InputLayer", config: { batch_shape: [null, ...shape] } };
  const lines = [input, ...layers].map((layer) => `  ${JSON.stringify(layer)}`);
  return `{"class_name": "Sequential", "config": {"name": "network", "layers": [\n${lines.join(",\n")}\n]}}`;
}

// `shape`: of a picture.
export function trainCommand(state: TrainState, folder: string, shape: number[]): string {
  const settings = settingsOf(state);
  const usual: Record<string, Value> = { batch_size: 32, seed: 1, optimizer: "adam", schedule: "constant", warmup: 0, loss: "sparse_categorical_crossentropy", validation: "test", early_stopping: 0, shift: 0, rotate: 0, zoom: 0, noise: 0 };
  const layers = layersOf(state);
  const words = ["convscope", "train", layers ? "network.json" : state.model, "--data", state.data];
  for (const name of ["epochs", "batch_size", "seed", "optimizer", "schedule", "warmup", "loss", "validation", "shift", "rotate", "zoom", "noise", "early_stopping"]) {
    if (settings[name] !== usual[name]) words.push(`--${name.replace("_", "-")}`, String(settings[name]));
  }
  if (state.flip) words.push("--flip");
  if (Number(state.snapshots) > 0) words.push("--snapshot", "parameters", "--snapshot-every", state.snapshots);
  words.push("--out", folder);
  const file = layers ? `cat > network.json <<'END'\n${layersFile(layers, shape)}\nEND\n` : "";
  return file + words.map(shell).join(" ");
}

function python(value: Value): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) return `(${value.map(python).join(", ")})`;
  if (typeof value === "object") return `{${Object.entries(value).map(([k, v]) => `${JSON.stringify(k)}: ${python(v)}`).join(", ")}}`;
  return JSON.stringify(value);
}

function cpp(value: Value): string {
  if (Array.isArray(value)) return `{${value.map(cpp).join(", ")}}`;
  return JSON.stringify(value);
}


const optimizerClass: Record<string, [keras: string, cpp: string]> = {
  sgd: ["SGD", "SGD"],
  adagrad: ["Adagrad", "Adagrad"],
  adadelta: ["Adadelta", "Adadelta"],
  rmsprop: ["RMSprop", "RMSprop"],
  adam: ["Adam", "Adam"],
  adamw: ["AdamW", "AdamW"],
};

// `layers`: of a chain; none where the network is none. `shape`: of a picture.
export function trainKeras(state: TrainState, layers: LayerConfig[] | undefined, shape: number[]): string {
  const lines = ["import keras"];
  if (layers) {
    lines.push("", "model = keras.Sequential([", `    keras.Input(${python(shape)}),`);
    for (const { class_name, config } of layers) {
      lines.push(`    keras.layers.${class_name}(${Object.entries(config).map(([key, value]) => `${key}=${python(value)}`).join(", ")}),`);
    }
    lines.push("])");
  } else {
    lines.push(`# convscope convert ${shell(state.model)} -o model.keras`, 'model = keras.models.load_model("model.keras")');
  }
  const [name = "", given = ""] = state.optimizer.split(/:(.*)/s);
  const settings = given ? given.split(",").map((part) => part.replace("nesterov=1", "nesterov=True")).join(", ") : "";
  const validation = state.validation === "none" ? "" : state.validation === "test" ? ", validation_data=(x_test, y_test)" : `, validation_split=${state.validation}`;
  lines.push(
    "",
    `model.compile(keras.optimizers.${optimizerClass[name]?.[0] ?? name}(${settings}), loss="${state.loss.split(":")[0]}", metrics=["accuracy"])`,
    `# x_train, y_train: the pictures of ${state.data}, divided by 255, and their labels`,
    `model.fit(x_train, y_train, batch_size=${state.batch}, epochs=${state.epochs}${validation})`,
    "model.evaluate(x_test, y_test)",
  );
  if (state.schedule !== "constant") lines.push(`# the learning rate follows ${state.schedule}: see keras.optimizers.schedules`);
  return lines.join("\n");
}

export function trainCpp(state: TrainState, folder: string): string {
  const settings = settingsOf(state);
  const rest = ["epochs", "batch_size", "seed", "optimizer", "schedule", "warmup", "loss", "validation"].map((name) => `.${name} = ${cpp(settings[name]!)}`);
  const augmentation = ["shift", "rotate", "zoom", "noise"].filter((name) => settings[name] !== 0).map((name) => `.${name} = ${cpp(settings[name]!)}`);
  if (state.flip) augmentation.push(".flip = true");
  const model = layersOf(state) ? "network.json" : state.model; // the file that the command writes
  return `#include "convscope/tasks/train_network.h"

convscope::TrainOutcome outcome = convscope::Train({
    .settings = {.model = ${JSON.stringify(model)},
                 .data = ${JSON.stringify(state.data)},
                 ${[...rest, ...augmentation].join(",\n                 ")}},
    .folder = ${JSON.stringify(folder)},
    .bundled = "data"});
std::cout << outcome.test.accuracy() << '\\n';`;
}
