// How the picture is convolved: everything but the kernels themselves.
import { pairOf, paddingOf } from "../../model/state";
import type { Colour, Pool } from "../../model/state";
import { Choice, Group, Slider, Switch, TextField } from "../../parts/fields";
import { PictureBar } from "./picture_bar";
import type { Store } from "./store";

const activations: [string, string][] = [
  ["", "none"],
  ...[
    ...["relu", "relu6", "leaky_relu", "elu", "selu", "celu", "thresholded_relu", "sigmoid", "hard_sigmoid", "tanh"],
    ...["softplus", "softsign", "swish", "hard_swish", "gelu", "mish", "exponential"],
  ].map((name): [string, string] => [name, name.replace(/_/g, " ")]),
];

// The parameter of an activation: what it is called, from where to where, and what it is at first.
const parameters: Record<string, [label: string, low: number, high: number, standard: number]> = {
  leaky_relu: ["slope below 0", 0, 1, 0.2],
  elu: ["scale below 0", 0.05, 3, 1],
  celu: ["scale below 0", 0.05, 3, 1],
  thresholded_relu: ["begins at", 0, 2, 1],
};

export function Controls({ store }: { store: Store }) {
  const state = store.state.value;
  const [name = "", argument] = state.activation.split(":");
  const parameter = parameters[name];
  const rgb = state.colour === "rgb";
  const numbers = state.padding !== "valid" && state.padding !== "same";
  return (
    <div class="controls">
      <Group title="Picture">
        <PictureBar store={store} />
        <Choice
          label="Colour"
          value={rgb ? state.channel || "rgb" : "grey"}
          options={[
            ["grey", "grey"],
            ["rgb", "red, green, blue"],
            ["r", "red alone"],
            ["g", "green alone"],
            ["b", "blue alone"],
          ]}
          onChange={(value) => {
            const colour: Colour = value === "grey" ? "grey" : "rgb";
            store.set({ colour, channel: value.length === 1 ? value : "", shown: "", place: undefined });
          }}
        />
        {rgb && !state.channel && (
          <Choice
            label="Show results"
            value={state.shown}
            options={[
              ["", "as a colour picture"],
              ["r", "of red"],
              ["g", "of green"],
              ["b", "of blue"],
            ]}
            onChange={(shown) => store.set({ shown, place: undefined })}
          />
        )}
      </Group>
      <Group title="Convolution">
        <TextField
          label="Stride"
          value={state.stride}
          hint="N or ROWS,COLUMNS"
          wrong={!pairOf(state.stride)}
          onInput={(stride) => store.set({ stride })}
        />
        <TextField
          label="Dilation"
          value={state.dilation}
          hint="N or ROWS,COLUMNS"
          wrong={!pairOf(state.dilation)}
          onInput={(dilation) => store.set({ dilation })}
        />
        <Choice
          label="Padding"
          value={numbers ? "numbers" : state.padding}
          options={[
            ["valid", "valid"],
            ["same", "same"],
            ["numbers", "so many pixels"],
          ]}
          onChange={(padding) => store.set({ padding: padding === "numbers" ? "1" : padding })}
        />
        {numbers && (
          <TextField
            label="Pixels"
            value={state.padding}
            hint="N; ROWS,COLUMNS; TOP,BOTTOM,LEFT,RIGHT"
            wrong={!paddingOf(state.padding)}
            onInput={(padding) => /^[\d, x]*$/.test(padding) && store.set({ padding })}
          />
        )}
        <Choice
          label="Padding shows"
          value={state.padMode}
          options={[
            ["zero", "zeros"],
            ["edge", "the border again"],
            ["reflect", "the picture mirrored"],
            ["wrap", "the other side"],
          ]}
          onChange={(padMode) => store.set({ padMode })}
        />
        <TextField
          label="Bias"
          value={state.bias}
          hint="the kernel's own"
          wrong={state.bias !== "" && !Number.isFinite(Number(state.bias))}
          onInput={(bias) => store.set({ bias: bias.trim() })}
        />
        <Switch label="Flip the kernel (true convolution)" checked={state.flip} onChange={(flip) => store.set({ flip })} />
      </Group>
      <Group title="Activation">
        <Choice
          label="Function"
          value={name}
          options={activations}
          onChange={(activation) => store.set({ activation, place: undefined })}
        />
        {parameter && (
          <Slider
            label={parameter[0]}
            value={argument === undefined ? parameter[3] : Number(argument)}
            low={parameter[1]}
            high={parameter[2]}
            step={0.05}
            onInput={(value) => store.set({ activation: `${name}:${value}` })}
          />
        )}
      </Group>
      <Group title="Pooling">
        {state.pools.map((pool, index) => (
          <PoolFields
            key={index}
            pool={pool}
            title={state.pools.length > 1 ? `Pool ${index + 1}` : "Pool"}
            onChange={(next) =>
              store.set({
                pools: state.pools.flatMap((old, i) => (i === index ? (next ?? []) : old)),
                ...(next?.kind === pool.kind ? {} : { place: undefined }),
              })
            }
          />
        ))}
        {state.pools.length < 2 && (
          <button
            onClick={() => {
              const kind = state.pools[0]?.kind === "max" ? "average" : "max";
              store.set({ pools: [...state.pools, { kind, size: "2", stride: "2" }] });
            }}
          >
            + Pool
          </button>
        )}
      </Group>
      {state.kernels.length > 1 && (
        <Group title="Comparison">
          <Switch
            label="One scale for all kernels"
            checked={state.sameScale}
            onChange={(sameScale) => store.set({ sameScale })}
          />
        </Group>
      )}
    </div>
  );
}

function PoolFields(props: { pool: Pool; title: string; onChange: (pool: Pool | undefined) => void }) {
  const { pool, title, onChange } = props;
  return (
    <div class="pool">
      <Choice
        label={title}
        value={pool.kind}
        options={[
          ["max", "maximum"],
          ["average", "average"],
          ["none", "none"],
        ]}
        onChange={(kind) => onChange(kind === "none" ? undefined : { ...pool, kind: kind as Pool["kind"] })}
      />
      <TextField
        label={`${title} size`}
        value={pool.size}
        hint="N or ROWSxCOLUMNS"
        wrong={!pairOf(pool.size)}
        onInput={(size) => onChange({ ...pool, size })}
      />
      <TextField
        label={`${title} step`}
        value={pool.stride}
        hint="N or ROWSxCOLUMNS"
        wrong={!pairOf(pool.stride)}
        onInput={(stride) => onChange({ ...pool, stride })}
      />
    </div>
  );
}
