// What is learned from, by what, and how.
import { useId } from "preact/hooks";
import { namedText, parseNamed, parsePlaced, placedText } from "../../model/chosen";
import type { Chosen } from "../../model/chosen";
import type { TrainState } from "../../model/train_state";
import type { Choice as ChoiceOf } from "../../model/training";
import { Choice, Group, Switch, TextField } from "../../parts/fields";
import { LayerEditor } from "./layer_editor";
import type { Store } from "./store";

interface ChosenProps {
  label: string;
  choices: ChoiceOf[];
  chosen: Chosen;
  onChange: (chosen: Chosen) => void;
}

// A choice and, below it, what can be set of it.
function ChosenFields({ label, choices, chosen, onChange }: ChosenProps) {
  const settings = choices.find(({ name }) => name === chosen.name)?.settings ?? [];
  const withValue = (index: number, value: string) =>
    onChange({ name: chosen.name, values: chosen.values.map((old, i) => (i === index ? value : old)) });
  const text = (name: string) => name.replaceAll("_", " ");
  return (
    <>
      <Choice
        label={label}
        value={chosen.name}
        options={choices.map(({ name }) => [name, text(name)])}
        onChange={(name) => {
          const choice = choices.find((one) => one.name === name)!;
          onChange({ name, values: choice.settings.map(({ standard }) => (typeof standard === "boolean" ? (standard ? "1" : "0") : String(standard))) });
        }}
      />
      {settings.map(({ name, standard }, i) =>
        typeof standard === "boolean" ? (
          <Switch key={name} label={text(name)} checked={chosen.values[i] === "1"} onChange={(on) => withValue(i, on ? "1" : "0")} />
        ) : (
          <TextField
            key={name}
            label={text(name)}
            value={chosen.values[i] ?? ""}
            hint={`${standard} unless told`}
            wrong={!Number.isFinite(Number(chosen.values[i])) || chosen.values[i] === ""}
            onInput={(value) => withValue(i, value)}
          />
        ),
      )}
    </>
  );
}

export function Settings({ store }: { store: Store }) {
  const state = store.state.value;
  const choices = store.choices.value;
  const dataset = store.dataset.value;
  const augmentId = useId();
  if (!choices) return <p class="hint">…</p>;
  const number = (label: string, name: keyof TrainState & string, hint: string) => (
    <TextField label={label} value={state[name] as string} hint={hint} wrong={store.wrong.value.has(name)} onInput={(value) => store.set({ [name]: value })} />
  );
  const kept = Number(state.snapshots) > 0 && Number(state.batch) > 0 && Number(state.epochs) > 0 && dataset ? Math.floor((Number(state.epochs) * Math.ceil(dataset.train / Number(state.batch)) - 1) / Number(state.snapshots)) + 1 : 0;
  const check = store.check.value;
  const megabytes = (kept * (check?.parameters ?? 0) * 4) / 1e6;
  const size = check && !check.wrong ? `, ${megabytes < 10 ? megabytes.toFixed(1) : Math.round(megabytes).toLocaleString("en")} MB` : "";
  return (
    <div class="controls">
      <Group title="Data">
        <Choice
          label="Data set"
          value={state.data}
          options={[
            ...choices.datasets.map(({ name }) => [name, name] as const),
            ...(dataset ? [] : [[state.data, `${state.data} (not here)`] as const]),
          ]}
          onChange={(data) => store.set({ data, sample: 0 })}
        />
        {dataset ? (
          <p class="hint">
            {dataset.train.toLocaleString("en")} training and {dataset.test.toLocaleString("en")} test pictures, {dataset.shape.join(" × ")}, {dataset.classes.length} classes
          </p>
        ) : (
          <p class="hint">
            <code>convscope data fetch {state.data}</code> gets it.
          </p>
        )}
        <Choice
          label="Validation"
          value={["test", "none"].includes(state.validation) ? state.validation : "part"}
          options={[
            ["test", "the test pictures"],
            ["part", "a part held back"],
            ["none", "none"],
          ]}
          onChange={(choice) => store.set({ validation: choice === "part" ? "0.1" : choice })}
        />
        {!["test", "none"].includes(state.validation) && number("Part", "validation", "0.1 is a tenth")}
      </Group>
      <Group title="Network">
        <Choice
          label="Network"
          value={state.layers.length > 0 ? "" : state.model}
          options={[...choices.architectures.map(({ name }) => [name, name] as const), ...(state.layers.length > 0 ? [["", "own layers"] as const] : [])]}
          onChange={(model) => model && store.chooseModel(model)}
        />
        <LayerEditor store={store} />
      </Group>
      <Group title="Learning">
        {number("Epochs", "epochs", "passes over the pictures")}
        {number("Batch", "batch", "pictures a step")}
        <ChosenFields
          label="Optimizer"
          choices={choices.optimizers}
          chosen={parseNamed(state.optimizer, choices.optimizers)}
          onChange={(chosen) => store.set({ optimizer: namedText(chosen, choices.optimizers) })}
        />
        <ChosenFields
          label="Schedule"
          choices={choices.schedules}
          chosen={parsePlaced(state.schedule, choices.schedules)}
          onChange={(chosen) => store.set({ schedule: placedText(chosen) })}
        />
        {number("Warm-up", "warmup", "steps in which the rate rises from 0")}
        <ChosenFields
          label="Loss"
          choices={choices.losses}
          chosen={parsePlaced(state.loss, choices.losses)}
          onChange={(chosen) => store.set({ loss: placedText(chosen) })}
        />
        {number("Early stop", "stopping", "after so many epochs without a better validation loss; 0: never")}
        {number("Seed", "seed", "of weights, order, augmentation")}
      </Group>
      <details open={[state.shift, state.rotate, state.zoom, state.noise].some((value) => value !== "0") || state.flip}>
        <summary id={augmentId}>Augmentation</summary>
        <div class="folded" role="group" aria-labelledby={augmentId}>
          {number("Shift", "shift", "part of the size, 0.1")}
          {number("Rotate", "rotate", "degrees")}
          {number("Zoom", "zoom", "part, 0.1")}
          {number("Noise", "noise", "standard deviation, white is 1")}
          <Switch label="Swap left and right in half of them" checked={state.flip} onChange={(flip) => store.set({ flip })} />
        </div>
      </details>
      <Group title="Snapshots">
        {number("Steps apart", "snapshots", "0: none")}
        <p class="hint">
          {kept > 0 ? `${kept.toLocaleString("en")} snapshots of all parameters${size}` : "none are kept"}
        </p>
      </Group>
    </div>
  );
}
