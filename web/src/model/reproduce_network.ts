// The lines that compute what the Network view shows elsewhere: on the command line, in C++ and in Keras.
import type { ModelEntry } from "./network_engine";
import type { NetworkState } from "./network_state";
import { sampleOf } from "./network_state";
import { pictureFile } from "./picture_file";

// What is shown, by the names that the command line knows.
export interface Shown {
  model: string; // a file, a run folder, a built-in network
  builtIn: boolean;
  picture: string; // a file; empty where it is a sample
  sample: { name: string; number: number } | undefined;
  tensor: string;
  at: string; // "conv:3,4,5"; empty: no value
  filtersOf: string; // the layer whose filters are shown; empty: its maps are
  graph: boolean; // whether the graph is shown
  className: string; // of the class that is attributed; empty: the predicted one
  methods: string[];
}

export function shownBy(
  state: NetworkState,
  entry: ModelEntry | undefined,
  modelFile: string | undefined,
  picture: string,
  files: Map<string, string>,
  tensor: string,
  at: string,
): Shown {
  const sample = sampleOf(picture);
  const id = entry?.id ?? state.model;
  return {
    model: modelFile ?? id.replace(/^bundled-(.*)$/, "data/models/$1.onnx").replace(/^run:/, "runs/"),
    builtIn: entry?.origin === "built-in",
    picture: sample ? "" : pictureFile(picture, files),
    sample,
    tensor,
    at,
    filtersOf: state.tab === "filters" ? tensor.replace(/\/pre_activation$/, "") : "",
    graph: state.list === "graph",
    className: state.of === undefined ? "" : String(state.of),
    methods: state.methods ?? [],
  };
}

function word(text: string): string {
  return /^[\w./:=,+-]+$/.test(text) ? text : `'${text.replace(/'/g, `'\\''`)}'`;
}

export function networkCommands(shown: Shown): string {
  const subject = `${word(shown.model)} ${shown.sample ? `--data ${shown.sample.name} --sample ${shown.sample.number}` : word(shown.picture)}`;
  const lines = shown.graph ? [`convscope graph ${word(shown.model)} -o graph.svg`] : [];
  if (shown.filtersOf) lines.push(`convscope weights ${word(shown.model)} --layer ${word(shown.filtersOf)} -o filters.png`);
  else lines.push(`convscope features ${subject} --layer ${word(shown.tensor)} -o maps.png --save numbers`);
  if (shown.at) lines.push(`convscope explain ${subject} --at ${word(shown.at)} --trace`);
  if (shown.methods.length > 0) {
    const of = shown.className ? ` --class ${word(shown.className)}` : "";
    lines.push(`convscope attribute ${subject} --method ${shown.methods.join(",")}${of} -o why.png`);
  }
  return lines.join("\n");
}

export function networkCpp(shown: Shown): string {
  const text = JSON.stringify;
  const picture = shown.sample
    ? `{.data = convscope::OpenDataOptions{.source = ${text(shown.sample.name)}}, .samples = {${shown.sample.number}}}`
    : `{.files = {${text(shown.picture)}}}`;
  const lines = [
    "#include <convscope/tasks/show_features.h>",
    ...(shown.at ? ["#include <convscope/tasks/explain_value.h>", "#include <iostream>"] : []),
    "",
    `const convscope::PictureChoice picture = ${picture};`,
    `const convscope::Features features = convscope::ShowFeatures({.model = ${text(shown.model)}, .picture = picture});`,
    `const convscope::Tensor& maps = features.trace[${text(shown.tensor)}];  // (1, ..., channels)`,
  ];
  if (shown.at) {
    lines.push(
      `const convscope::ExplainedValue why = convscope::ExplainOn({.model = ${text(shown.model)}, .pictures = picture, .at = ${text(shown.at)}});`,
      "std::cout << convscope::ExplainText(why);",
    );
  }
  return lines.join("\n");
}

// Keras takes the model as a .keras file, the picture as the array that convscope feeds in.
export function networkKeras(shown: Shown): string {
  const layer = shown.tensor.replace(/\/pre_activation$/, "");
  const input = shown.sample
    ? `# x: picture ${shown.sample.number} of the test part of ${shown.sample.name}, (1, rows, columns, channels), as the model was trained on it`
    : `x = keras.utils.img_to_array(keras.utils.load_img(${JSON.stringify(shown.picture)}, target_size=model.input_shape[1:3]))[None] / 255`;
  return [
    `# convscope convert ${word(shown.model)} -o model.keras`,
    "import keras",
    "",
    'model = keras.saving.load_model("model.keras")',
    input,
    `maps = keras.Model(model.inputs, model.get_layer(${JSON.stringify(layer)}).output)(x)`,
    ...(layer === shown.tensor ? [] : ["# before its activation: build the layer with activation=None"]),
    "scores = model(x)",
  ].join("\n");
}
