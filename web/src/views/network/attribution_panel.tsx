// What in the picture speaks for a class, by several methods side by side.
import { useMemo, useRef } from "preact/hooks";
import { paint, scaleFor } from "../../model/colors";
import { blend } from "../../model/overlay";
import { shareText } from "../../model/layers";
import type { Attribution, Look } from "../../model/network_engine";
import { Choice, Slider } from "../../parts/fields";
import { MapCanvas } from "../../parts/map_canvas";
import { savePng } from "../../parts/save_png";
import { ScaleBar } from "../../parts/scale_bar";
import { slowMethods } from "./attributions";
import type { Store } from "./store";

function OverlayMap({ look, attribution, over }: { look: Look; attribution: Attribution; over: number }) {
  const canvas = useRef<HTMLCanvasElement>(undefined);
  const [rows, columns] = attribution.shape as [number, number];
  const scale = useMemo(() => scaleFor(attribution.range, attribution.signed ? "both" : "non_negative"), [attribution]);
  const painted = useMemo(
    () => (pixels: Uint32Array) => {
      paint(scale, attribution.values, 0, 1, pixels);
      blend(pixels, look.picture, over / 100);
    },
    [look, attribution, scale, over],
  );
  const zero = attribution.range.low === 0 && attribution.range.high === 0;
  return (
    <figure class="attribution">
      <figcaption>
        <strong>{attribution.method}</strong>
        <button
          class="icon save"
          aria-label={`Save ${attribution.method} as PNG`}
          title="Save as PNG"
          onClick={() => canvas.current && savePng(canvas.current, attribution.method)}
        >
          ⤓
        </button>
      </figcaption>
      <MapCanvas
        label={`${attribution.method} over the picture`}
        rows={rows}
        columns={columns}
        shownRows={rows}
        shownColumns={columns}
        step={1}
        paint={painted}
        boxes={[]}
        onCanvas={(element) => (canvas.current = element)}
      />
      <ScaleBar scale={scale} remark={zero ? "all zero" : attribution.signed ? "for the class above 0, against it below" : "strength alone"} />
    </figure>
  );
}

function MethodMap({ store, method }: { store: Store; method: string }) {
  const { attribution, layer, error, waiting } = store.attributions.told.value.get(method) ?? { error: "", waiting: true };
  const look = store.look.value;
  const fits = look && attribution && attribution.shape[0] === look.picture.shape[0] && attribution.shape[1] === look.picture.shape[1];
  return (
    <div class={`method ${waiting ? "waiting" : ""}`} data-method={method} aria-busy={waiting}>
      {error ? (
        <p class="error">
          {method}: {error}
        </p>
      ) : fits ? (
        <OverlayMap look={look} attribution={attribution} over={store.state.value.over} />
      ) : (
        <p class="hint">{method} …</p>
      )}
      {layer && <p class="facts">of {layer}</p>}
    </div>
  );
}

export function AttributionPanel({ store }: { store: Store }) {
  const network = store.network.value;
  const look = store.look.value;
  if (!network || !look || network.classes === 0) return null;
  const { methods, of, over } = store.state.value;
  const best = look.prediction?.top[0];
  const named = (number: number) => network.class_names[number] ?? `class ${number}`;
  const toggle = (name: string) =>
    store.set({ methods: methods.includes(name) ? methods.filter((other) => other !== name) : [...methods, name] });
  const possible = store.methods.value.filter(({ of_layer }) => !of_layer || network.cam_layers.length > 0);
  const group = (slowOnes: boolean) =>
    possible
      .filter(({ name }) => slowMethods.has(name) === slowOnes)
      .map(({ name }) => (
        <button key={name} aria-pressed={methods.includes(name)} onClick={() => toggle(name)}>
          {name}
        </button>
      ));
  return (
    <section class="card attributions" aria-label="What speaks for a class">
      <h2>What in the picture speaks for a class?</h2>
      <div class="attribution-choices">
        <Choice
          label="Class"
          value={of === undefined ? "" : String(of)}
          options={[
            ["", best ? `the predicted one: ${best.name}, ${look.prediction!.probabilities ? shareText(best.score) : ""}` : "the predicted one"],
            ...Array.from({ length: network.classes }, (_, number) => [String(number), named(number)] as const),
          ]}
          onChange={(value) => store.set({ of: value === "" ? undefined : Number(value) })}
        />
        <Slider label="Picture shows through" value={over} low={0} high={100} step={5} unit="%" onInput={(next) => store.set({ over: next })} />
      </div>
      <div class="tabs" role="group" aria-label="Methods">
        {group(false)}
      </div>
      <div class="tabs" role="group" aria-label="Methods that take longer">
        <span class="facts">take longer:</span>
        {group(true)}
      </div>
      <div class="overlays">
        {methods
          .filter((name) => possible.some((method) => method.name === name))
          .map((name) => (
            <MethodMap key={name} store={store} method={name} />
          ))}
      </div>
      {methods.length === 0 && <p class="hint">Choose a method.</p>}
    </section>
  );
}
