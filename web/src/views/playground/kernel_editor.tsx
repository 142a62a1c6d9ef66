// One kernel: its preset and that one's parameters, its numbers, and what can be done to all of them at once.
import { useState } from "preact/hooks";
import { paint, signedScale } from "../../model/colors";
import type { Preset, PresetParameter } from "../../model/engine";
import * as edits from "../../model/kernel";
import type { Matrix } from "../../model/kernel";
import { mostKernels } from "../../model/state";
import { Choice, Slider } from "../../parts/fields";
import { KernelGrid } from "./kernel_grid";
import type { Shown, Store } from "./store";

// How far a slider goes where a parameter may go further.
const reach: Record<string, [number, number]> = {
  size: [1, edits.mostSide],
  length: [1, edits.mostSide],
  radius: [0.5, 7],
  sigma: [0, 10],
  wavelength: [0.5, 30],
  gamma: [0.1, 4],
  amount: [0, 5],
  ratio: [1, 5],
  seed: [0, 100],
  angle: [-180, 180],
  theta: [-180, 180],
  psi: [-180, 180],
};
const hidden = new Set(["channels", "filters"]);

// A preset whose numbers fit the grid.
function expressionOf(preset: Preset): string {
  const large = preset.parameters.some(({ name, standard }) => name === "size" && standard > edits.mostSide);
  return large ? `${preset.name}:size=${edits.mostSide}` : preset.name;
}

// The arguments of an expression, one for each parameter.
function argumentsOf(preset: Preset, text: string): number[] {
  const values = preset.parameters.map(({ standard }) => standard);
  const given = text.split(":").slice(1).join(",").split(",").filter(Boolean);
  given.forEach((argument, index) => {
    const [name, value] = argument.includes("=") ? argument.split("=") : [undefined, argument];
    const at = name === undefined ? index : preset.parameters.findIndex((parameter) => parameter.name === name);
    if (at >= 0 && at < values.length) values[at] = Number(value);
  });
  return values;
}

function ParameterSlider(props: { parameter: PresetParameter; value: number; onInput: (value: number) => void }) {
  const { parameter, value, onInput } = props;
  const [low, high] = reach[parameter.name] ?? [parameter.low, parameter.high];
  const odd = parameter.kind === "odd number";
  const step = odd ? 2 : parameter.kind === "whole number" ? 1 : parameter.unit === "degrees" ? 1 : 0.1;
  return (
    <Slider
      label={parameter.name}
      value={value}
      low={Math.max(low, parameter.low)}
      high={Math.min(high, parameter.high)}
      step={step}
      unit={parameter.unit}
      onInput={onInput}
    />
  );
}

export function KernelEditor({ store, index, shown }: { store: Store; index: number; shown: Shown | undefined }) {
  const [channel, setChannel] = useState(0);
  const state = store.state.value;
  const text = state.kernels[index]!;
  const literal = edits.parseLiteral(text);
  const matrix: Matrix | undefined = literal ?? shown?.matrix;
  const called = edits.parsePreset(text);
  const preset = called && store.presets.value.find(({ name }) => name === called.name);
  const several = state.kernels.length > 1;
  const title = several ? `Kernel ${index + 1}` : "Kernel";

  const families = new Map<string, Preset[]>();
  for (const one of store.presets.value) families.set(one.family, [...(families.get(one.family) ?? []), one]);
  const change = (next: Matrix) => store.setKernel(index, edits.literal(next));
  const edit = (how: (m: Matrix) => Matrix) => matrix && change(how(matrix));
  const resize = (rows: number, columns: number) => {
    const whole = (n: number) => Math.min(Math.max(Math.round(n) || 1, 1), edits.mostSide);
    if (matrix) change(edits.resized(matrix, whole(rows), whole(columns)));
  };
  const colours = state.colour === "rgb" && !state.channel;
  const fits = matrix && matrix.rows <= edits.mostSide && matrix.columns <= edits.mostSide;
  const plane = matrix ? Math.min(channel, matrix.channels - 1) : 0;
  const sum = matrix ? matrix.values.reduce((total, value) => total + value, 0) : 0;

  return (
    <section class="kernel" aria-label={title}>
      <header>
        <h2>{title}</h2>
        <label class="sr" for={`preset-${index}`}>
          Preset of {title}
        </label>
        <select
          id={`preset-${index}`}
          value={preset ? preset.name : ""}
          onChange={(event) => {
            const chosen = store.presets.value.find(({ name }) => name === event.currentTarget.value);
            if (chosen) store.setKernel(index, expressionOf(chosen));
          }}
        >
          <option value="" selected={!preset}>
            own numbers
          </option>
          {[...families].map(([family, members]) => (
            <optgroup key={family} label={family}>
              {members.map(({ name }) => (
                <option key={name} value={name} selected={preset?.name === name}>
                  {name}
                </option>
              ))}
            </optgroup>
          ))}
        </select>
        {several && (
          <button
            class="icon"
            aria-label={`Remove ${title}`}
            onClick={() => store.set({ kernels: state.kernels.filter((_, k) => k !== index), place: undefined })}
          >
            ×
          </button>
        )}
      </header>
      {preset && called && preset.parameters.length > 0 && (
        <div class="parameters">
          {preset.parameters.map((parameter, at) =>
            hidden.has(parameter.name) ? null : (
              <ParameterSlider
                key={parameter.name}
                parameter={parameter}
                value={argumentsOf(preset, text)[at]!}
                onInput={(value) => {
                  const values = argumentsOf(preset, text);
                  values[at] = value;
                  const named = preset.parameters
                    .map((other, i) => [other, values[i]!] as const)
                    .filter(([other, given]) => given !== other.standard)
                    .map(([other, given]) => `${other.name}=${edits.numberText(given)}`);
                  store.setKernel(index, named.length ? `${preset.name}:${named.join(",")}` : preset.name);
                }}
              />
            ),
          )}
        </div>
      )}
      {matrix && matrix.channels > 1 && (
        <div class="tabs" role="group" aria-label="Plane of the kernel">
          {["red", "green", "blue"].slice(0, matrix.channels).map((name, c) => (
            <button key={name} aria-pressed={plane === c} onClick={() => setChannel(c)}>
              {name}
            </button>
          ))}
        </div>
      )}
      {matrix &&
        (fits ? (
          <KernelGrid matrix={matrix} channel={plane} name={`${title}, ${matrix.rows} by ${matrix.columns}`} onChange={change} />
        ) : (
          <KernelPicture matrix={matrix} channel={plane} />
        ))}
      {matrix && (
        <div class="tools" role="group" aria-label={`Change ${title}`}>
          <span class="size">
            <label class="sr" for={`rows-${index}`}>
              Rows
            </label>
            <input
              id={`rows-${index}`}
              type="number"
              min={1}
              max={edits.mostSide}
              value={matrix.rows}
              onChange={(event) => resize(Number(event.currentTarget.value), matrix.columns)}
            />
            ×
            <label class="sr" for={`columns-${index}`}>
              Columns
            </label>
            <input
              id={`columns-${index}`}
              type="number"
              min={1}
              max={edits.mostSide}
              value={matrix.columns}
              onChange={(event) => resize(matrix.rows, Number(event.currentTarget.value))}
            />
          </span>
          <button title="Divide by the sum" onClick={() => edit(edits.normalised)}>
            Normalise
          </button>
          <button class="icon" aria-label="Mirror left and right" title="Mirror left and right" onClick={() => edit(edits.mirrored)}>
            ⇋
          </button>
          <button class="icon" aria-label="Turn upside down" title="Turn upside down" onClick={() => edit(edits.upsideDown)}>
            ⥯
          </button>
          <button class="icon" aria-label="Rotate by a quarter" title="Rotate by a quarter" onClick={() => edit(edits.rotated)}>
            ↻
          </button>
          <button class="icon" aria-label="Negate" title="Negate" onClick={() => edit(edits.negated)}>
            ±
          </button>
        </div>
      )}
      <p class="facts">
        {matrix && `sum ${edits.shownNumber(sum)}`}
        {shown?.bias ? `, brings a bias of ${edits.shownNumber(shown.bias)}` : ""}
        {matrix && matrix.channels > 1 ? "; all channels are summed" : colours ? "; each channel alone" : ""}
      </p>
      {preset && <p class="facts">{preset.description}</p>}
      {colours && matrix && fits && (
        <Choice
          label="Channels"
          value={matrix.channels > 1 ? "sum" : "alone"}
          options={[
            ["alone", "each alone (3 groups)"],
            ["sum", "summed into one map (1 group)"],
          ]}
          onChange={(value) => edit((m) => edits.withChannels(m, value === "sum" ? 3 : 1))}
        />
      )}
      {shown?.error && (
        <p class="error" role="alert">
          {shown.error}
        </p>
      )}
      {index === state.kernels.length - 1 && state.kernels.length < mostKernels && (
        <button class="add" onClick={() => store.set({ kernels: [...state.kernels, state.kernels.includes("sobel-y") ? text : "sobel-y"] })}>
          + Compare with another kernel
        </button>
      )}
    </section>
  );
}

// A kernel that is too large to be edited by hand.
function KernelPicture({ matrix, channel }: { matrix: Matrix; channel: number }) {
  const scale = signedScale(matrix.values);
  const draw = (canvas: HTMLCanvasElement | null) => {
    if (!canvas) return;
    [canvas.width, canvas.height] = [matrix.columns, matrix.rows];
    const context = canvas.getContext("2d")!;
    const image = context.createImageData(matrix.columns, matrix.rows);
    paint(scale, Float32Array.from(matrix.values), channel, matrix.channels, new Uint32Array(image.data.buffer));
    context.putImageData(image, 0, 0);
  };
  return (
    <canvas
      ref={draw}
      class="kernel-picture crisp"
      role="img"
      aria-label={`Kernel of ${matrix.rows} by ${matrix.columns} numbers; up to ${edits.mostSide} can be edited`}
    />
  );
}
