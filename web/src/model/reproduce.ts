// The lines that compute what is on the page elsewhere: on the command line, in C++ and in Keras.
import type { Matrix } from "./kernel";
import { literal, numberText, valueAt } from "./kernel";
import { paddingOf, pairOf } from "./state";
import type { State } from "./state";


function quoted(text: string): string {
  return /^[\w./:=,+-]+$/.test(text) ? text : `"${text}"`;
}

function cString(text: string): string {
  return JSON.stringify(text);
}

function pools(state: State): string[] {
  return state.pools.map(({ kind, size, stride }) => `${kind}:${size}:${stride}`);
}

export function commandLine(state: State, kernel: number, file: string): string {
  const words = ["convscope filter", quoted(file), "--kernel", quoted(state.kernels[kernel]!)];
  words.push(state.colour === "grey" ? "--gray" : "--rgb");
  if (state.colour === "rgb" && state.channel) words.push("--channels", state.channel);
  if (state.stride !== "1") words.push("--stride", state.stride);
  if (state.padding !== "valid") words.push("--padding", state.padding);
  if (state.padding !== "valid" && state.padMode !== "zero") words.push("--pad-mode", state.padMode);
  if (state.dilation !== "1") words.push("--dilation", state.dilation);
  if (state.flip) words.push("--flip-kernel");
  if (state.bias) words.push(`--bias=${state.bias}`);
  if (state.activation) words.push("--activation", state.activation);
  for (const pool of pools(state)) words.push("--pool", pool);
  return words.join(" ");
}

export function cppLines(state: State, kernel: number, file: string): string {
  const texts = [];
  if (state.colour === "rgb" && state.channel) texts.push(`.channels = ${cString(state.channel)}`);
  if (state.stride !== "1") texts.push(`.stride = ${cString(state.stride)}`);
  if (state.padding !== "valid") texts.push(`.padding = ${cString(state.padding)}`);
  if (state.padMode !== "zero") texts.push(`.pad_mode = ${cString(state.padMode)}`);
  if (state.dilation !== "1") texts.push(`.dilation = ${cString(state.dilation)}`);
  if (state.bias) texts.push(`.bias = ${cString(state.bias)}`);
  if (state.activation) texts.push(`.activation = ${cString(state.activation)}`);
  if (state.pools.length) texts.push(`.pools = {${pools(state).map(cString).join(", ")}}`);
  const colour = state.colour === "grey" ? "kGrey" : "kRgb";
  return [
    "#include <convscope/tasks/filter_picture.h>",
    "",
    `convscope::FilterOptions options{.images = {${cString(file)}},`,
    `                                 .kernels = {${cString(state.kernels[kernel]!)}},`,
    `                                 .colour = convscope::ReadOptions::Colour::${colour}${state.flip ? "," : "};"}`,
    ...(state.flip ? ["                                 .flip_kernel = true};"] : []),
    `convscope::ParseTexts({${texts.join(", ")}}, "", options);`,
    "const convscope::FilterResult result = convscope::FilterPictures(options);",
    'const convscope::Tensor& conv = result.pictures[0].trace["conv"];  // (1, rows, columns, filters)',
  ].join("\n");
}

const numpyModes: Record<string, string> = { zero: "constant", edge: "edge", reflect: "reflect", wrap: "wrap" };

// What Keras calls our activations, with their parameters.
function kerasActivation(text: string): string {
  const [name = "", first, second] = text.split(":");
  const parameters: Record<string, string[]> = {
    leaky_relu: ["negative_slope"],
    elu: ["alpha"],
    celu: ["alpha"],
  };
  if (name === "linear") return "x";
  if (name === "thresholded_relu") return `keras.ops.where(x > ${first ?? "1"}, x, 0)`;
  if (name === "hard_sigmoid" && first) return `keras.ops.clip(${first} * x + ${second ?? "0.5"}, 0, 1)`;
  if (name === "gelu") return `keras.ops.gelu(x, approximate=${first === "tanh" ? "True" : "False"})`;
  const own = name === "exponential" ? "exp" : name;
  const parameter = parameters[name]?.[0];
  const argument = first && parameter ? `, ${parameter}=${first}` : "";
  return `keras.${["exp"].includes(own) ? "ops" : "activations"}.${own}(x${argument})`;
}

// Keras' own padding where it has that, else NumPy's before a valid convolution.
function kerasPadding(state: State, matrix: Matrix): { lines: string[]; padding: string } {
  const zero = state.padMode === "zero";
  if (state.padding === "valid") return { lines: [], padding: "valid" };
  if (state.padding === "same" && zero) return { lines: [], padding: "same" };
  const mode = `mode="${numpyModes[state.padMode]}"`;
  if (state.padding !== "same") {
    const [rows, columns] = paddingOf(state.padding) ?? [[0, 0], [0, 0]];
    const pair = (p: unknown) => (Array.isArray(p) ? `(${p[0]}, ${p[1]})` : "(0, 0)");
    return { lines: [`x = np.pad(x, ((0, 0), ${pair(rows)}, ${pair(columns)}, (0, 0)), ${mode})`], padding: "valid" };
  }
  const one: [number, number] = [1, 1];
  const [stride, dilation] = [pairOf(state.stride) ?? one, pairOf(state.dilation) ?? one];
  const total = (axis: 0 | 1, size: number) =>
    `max(0, ${dilation[axis] * (size - 1) + 1} + (-(-n // ${stride[axis]}) - 1) * ${stride[axis]} - n)`;
  return {
    lines: [
      `rows = (lambda n: ${total(0, matrix.rows)})(x.shape[1])  # as "same" has it`,
      `columns = (lambda n: ${total(1, matrix.columns)})(x.shape[2])`,
      `x = np.pad(x, ((0, 0), (rows // 2, rows - rows // 2), (columns // 2, columns - columns // 2), (0, 0)), ${mode})`,
    ],
    padding: "valid",
  };
}

export function kerasLines(state: State, file: string, matrix: Matrix, kernelBias: number): string {
  const grey = state.colour === "grey";
  const channels = grey || state.channel ? 1 : 3;
  const alone = matrix.channels === 1;
  const { lines, padding } = kerasPadding(state, matrix);
  const pair = (text: string) => `(${(pairOf(text) ?? [1, 1]).join(", ")})`;
  const plane: Matrix = {
    ...matrix,
    channels: 1,
    values: matrix.values.filter((_, index) => index % matrix.channels === 0),
  };
  const text = [
    "import keras, numpy as np",
    "",
    `x = keras.utils.img_to_array(keras.utils.load_img(${cString(file)}))[None] / 255`,
  ];
  if (grey) text.push("x = (x @ [0.299, 0.587, 0.114])[..., None].astype(np.float32)");
  else if (state.channel) text.push(`x = x[..., ${"rgb".indexOf(state.channel)}:${"rgb".indexOf(state.channel) + 1}]`);
  text.push(...lines);
  if (alone) {
    text.push(`kernel = np.array(${literal(plane)}, np.float32)[:, :, None, None]  # rows, columns, in, out`);
    if (channels > 1) text.push(`kernel = np.repeat(kernel, ${channels}, axis=2)  # each channel alone`);
  } else {
    const nested = Array.from({ length: matrix.rows }, (_, r) => {
      const cells = Array.from({ length: matrix.columns }, (_, s) => {
        const values = Array.from({ length: matrix.channels }, (_, c) => numberText(valueAt(matrix, r, s, c)));
        return `[${values.join(", ")}]`;
      });
      return `[${cells.join(", ")}]`;
    });
    text.push(`kernel = np.array([${nested.join(", ")}], np.float32)[..., None]  # rows, columns, in, out`);
  }
  if (state.flip) text.push("kernel = kernel[::-1, ::-1]");
  const depthwise = alone && channels > 1;
  const strided = pairOf(state.stride) ?? [1, 1];
  const dilated = pairOf(state.dilation) ?? [1, 1];
  const call = depthwise ? "depthwise_conv" : "conv";
  const thinned = dilated.some((d) => d > 1) && strided.some((s) => s > 1); // Keras takes only one of the two
  if (thinned && padding === "same") {
    text.push('# Keras strides or dilates, not both; "same" would pad for another stride');
  }
  const strides = thinned ? "1" : pair(state.stride);
  text.push(
    `x = keras.ops.${call}(x, kernel, strides=${strides}, padding="${padding}", dilation_rate=${pair(state.dilation)})`,
  );
  if (thinned) text.push(`x = x[:, ::${strided[0]}, ::${strided[1]}]`);
  const bias = state.bias || (kernelBias ? numberText(kernelBias) : "");
  if (bias) text.push(`x = x + ${bias}`);
  if (state.activation) text.push(`x = ${kerasActivation(state.activation)}`);
  state.pools.forEach(({ kind, size, stride }, index) => {
    const target = state.pools.length > 1 ? `pool_${index + 1}` : "x";
    const pad = state.padding === "same" ? "same" : "valid";
    text.push(`${target} = keras.ops.${kind}_pool(x, ${pair(size)}, strides=${pair(stride)}, padding="${pad}")`);
  });
  return text.join("\n");
}
