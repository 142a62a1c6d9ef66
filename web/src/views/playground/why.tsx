// Why a value is what it is: the window, the kernel, their products and the sum, then what became of it.
import type { Scale } from "../../model/colors";
import type { Explanation } from "../../model/engine";
import { shownNumber } from "../../model/kernel";
import { Pooled, WindowSum } from "../../parts/arithmetic";
import { reachOf } from "./geometry";
import { titleOf } from "./kernel_row";
import type { Store } from "./store";

const colourNames = ["red", "green", "blue"];

// `colours`: the stage has a map for each.
function placeText({ tensor, at }: Explanation, colours: boolean): string {
  const [row, column, channel = 0] = at;
  return `${tensor}[${row}, ${column}${colours ? `, ${channel}` : ""}]`;
}

const zeroToOne: Scale = { map: "grey", low: 0, high: 1 };

function Step({ explanation, colours }: { explanation: Explanation; colours: boolean }) {
  const channels = explanation.window?.[2] ?? 1;
  const channelName = (channel: number) => {
    if (channels === 3) return colourNames[channel]!;
    return colours ? colourNames[explanation.at[2] ?? 0]! : "";
  };
  const term = explanation.terms?.[0];
  return (
    <div class="step">
      <h3>
        {placeText(explanation, colours)} = <span>{shownNumber(explanation.traced, 8)}</span>
      </h3>
      {explanation.operation.endsWith("Pool") ? (
        <Pooled explanation={explanation} />
      ) : explanation.operation === "Conv" ? (
        <WindowSum explanation={explanation} channelName={channelName} input={zeroToOne} />
      ) : (
        <p class="total">
          {explanation.formula}, of x = {term ? shownNumber(term.value, 8) : "?"}:{" "}
          <b data-value={explanation.traced}>{shownNumber(explanation.traced, 8)}</b>
        </p>
      )}
    </div>
  );
}

export function Why({ store }: { store: Store }) {
  const state = store.state.value;
  const place = store.place.value;
  const explained = store.explained.value;
  const shown = store.shown.value[place?.kernel ?? 0];
  let told = "";
  if (place?.stage === "input" && shown?.filtered) {
    const reach = reachOf(state, shown.filtered, shown.matrix, place);
    const map = store.input.value?.map;
    const known = map && place.row % map.step === 0 && place.column % map.step === 0;
    const at = known ? ((place.row / map.step) * map.shape[1]! + place.column / map.step) * map.shape[2]! : -1;
    const value = map && at >= 0 ? Array.from(map.values.slice(at, at + map.shape[2]!), (v) => shownNumber(v)).join(", ") : "";
    told = `input[${place.row}, ${place.column}]${value ? ` = ${value}` : ""} reaches ${reach?.count ?? 0} values of each map of the convolution`;
  }
  const chain = explained?.chain ?? [];
  const colours = (shown?.filtered?.stages[1]?.shape[3] ?? 1) > 1;
  const summary = chain[0]
    ? `${titleOf(chain[0].tensor, state.activation)}, row ${chain[0].at[0]}, column ${chain[0].at[1]}: ${shownNumber(chain[0].traced, 6)}`
    : told;
  return (
    <section class="why" aria-label="Why is a value what it is">
      <h2>Why is a value what it is?</h2>
      <p class="sr" role="status">
        {store.playing.value ? "" : summary}
      </p>
      {told && <p class="total">{told}.</p>}
      {!place && <p class="hint">Point at a map: what the value is made of is framed on the way back to the picture, and its sum stands here. A click keeps it.</p>}
      <div class="chain">
        {place && place.stage !== "input" && chain.map((explanation) => <Step key={explanation.tensor} explanation={explanation} colours={colours} />)}
      </div>
    </section>
  );
}
