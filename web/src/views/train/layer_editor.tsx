// The layers of the network: what each makes of its input, and, where they are one's own, as lines that can be edited.
import { useId, useRef } from "preact/hooks";
import { layerLine } from "../../model/layer_lines";
import type { NetworkCheck } from "../../model/training";
import type { Store } from "./store";

function wrongText({ rule, received, fix }: NonNullable<NetworkCheck["wrong"]>): string {
  return [rule, received && `received ${received}`, fix].filter(Boolean).join("; ");
}

function Facts({ layer }: { layer: NetworkCheck["layers"][number] | undefined }) {
  if (!layer) return <span class="layer-facts">…</span>;
  return (
    <span class="layer-facts">
      {layer.output.join(" × ")}
      {layer.parameters > 0 && `, ${layer.parameters.toLocaleString("en")} parameters`}
    </span>
  );
}

export function LayerEditor({ store }: { store: Store }) {
  const state = store.state.value;
  const check = store.check.value;
  const names = useId();
  const list = useRef<HTMLOListElement>(null);
  const wrong = check?.wrong;
  const lines = state.layers;
  const total = check && !wrong && <p class="facts">{check.parameters.toLocaleString("en")} parameters, {((check.parameters * 4) / 1e6).toFixed(2)} MB</p>;

  if (lines.length === 0) {
    return (
      <>
        {wrong && (
          <p class="error" role="alert">
            {wrongText(wrong)}
          </p>
        )}
        <ol class="layers">
          {check?.layers.map((layer) => (
            <li key={layer.name}>
              <span class="layer-name">{layer.name}</span> <span class="layer-class">{layer.class}</span>
              <Facts layer={layer} />
            </li>
          ))}
        </ol>
        {total}
        {check?.text && <button onClick={() => store.editLayers(check.text!.map(layerLine))}>Edit the layers</button>}
      </>
    );
  }

  const set = (next: string[]) => store.set({ layers: next });
  const focus = (index: number) => setTimeout(() => list.current?.querySelectorAll("input")[index]?.focus());
  const insert = (index: number) => {
    set([...lines.slice(0, index), "", ...lines.slice(index)]);
    focus(index);
  };
  const remove = (index: number) => {
    set(lines.length > 1 ? lines.filter((_, i) => i !== index) : [""]);
    focus(Math.max(0, index - 1));
  };
  const move = (index: number, by: number) => {
    const to = index + by;
    if (to < 0 || to >= lines.length) return;
    const next = [...lines];
    [next[index], next[to]] = [next[to]!, next[index]!];
    set(next);
    focus(to);
  };
  // Empty lines are no layers.
  const layerOf = lines.map((line, i) => (line.trim() ? lines.slice(0, i).filter((before) => before.trim()).length : -1));
  return (
    <>
      <p class="hint">One layer a line, with Keras' names. Enter adds one, Alt with an arrow key moves it.</p>
      <ol class="layers editing" ref={list}>
        {lines.map((line, i) => {
          const place = layerOf[i]!;
          const here = wrong && (wrong.layer === place || (place < 0 && lines.every((each) => !each.trim()) && i === 0));
          return (
            <li key={i} class={here ? "wrong" : ""}>
              <div class="layer-line">
                <input
                  type="text"
                  value={line}
                  title={line}
                  list={names}
                  aria-label={`Layer ${i + 1}`}
                  aria-invalid={here ? "true" : "false"}
                  aria-describedby={`${names}-${i}`}
                  placeholder="Conv2D filters=8 kernel_size=3"
                  spellcheck={false}
                  autocomplete="off"
                  onInput={(event) => set(lines.map((old, k) => (k === i ? event.currentTarget.value : old)))}
                  onKeyDown={(event) => {
                    if (event.key === "Enter") insert(i + 1);
                    else if (event.altKey && event.key === "ArrowUp") move(i, -1);
                    else if (event.altKey && event.key === "ArrowDown") move(i, 1);
                    else if (event.key === "Backspace" && line === "" && lines.length > 1) remove(i);
                    else return;
                    event.preventDefault();
                  }}
                />
                <button class="icon" aria-label={`Remove layer ${i + 1}`} title="Remove" onClick={() => remove(i)}>
                  ×
                </button>
              </div>
              <span id={`${names}-${i}`}>
                {here ? <span class="layer-wrong">{wrongText(wrong)}</span> : <Facts layer={place < 0 ? undefined : check?.layers[place]} />}
              </span>
            </li>
          );
        })}
      </ol>
      <datalist id={names}>
        {store.choices.value?.layers.map(({ name }) => <option key={name} value={name} />)}
      </datalist>
      <div class="buttons">
        <button onClick={() => insert(lines.length)}>+ Layer</button>
        <button onClick={() => store.chooseModel("fashion-cnn")}>Built-in network</button>
      </div>
      {total}
    </>
  );
}
