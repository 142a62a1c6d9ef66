// Why a value is what it is: the window, the kernel, their products and the sum, then what became of it.
import { colorOf, css, scaleFor, signedScale, textColorOn } from "../../model/colors";
import type { Scale } from "../../model/colors";
import type { Explanation, Term } from "../../model/engine";
import { shownNumber } from "../../model/kernel";
import { reachOf } from "./geometry";
import { titleOf } from "./kernel_row";
import type { Store } from "./store";

interface NumbersProps {
  label: string;
  rows: number;
  columns: number;
  cell: (index: number) => { value: number; note?: string | undefined; lit?: boolean | undefined };
  scale: Scale;
}

const mostWritten = 9; // columns with room for their numbers

function Numbers({ label, rows, columns, cell, scale }: NumbersProps) {
  const written = columns <= mostWritten;
  return (
    <div class="numbers">
      <h4>{label}</h4>
      <table class={written ? "" : "dense"} aria-label={label}>
        <tbody>
          {Array.from({ length: rows }, (_, r) => (
            <tr key={r}>
              {Array.from({ length: columns }, (__, s) => {
                const { value, note, lit } = cell(r * columns + s);
                const color = colorOf(scale, value);
                const classes = `${note ? "padded" : ""} ${lit ? "lit" : ""}`;
                return (
                  <td
                    key={s}
                    class={classes}
                    style={{ backgroundColor: css(color), color: textColorOn(color) }}
                    title={`${shownNumber(value, 6)}${note ? ` (${note})` : ""}`}
                  >
                    {written ? shownNumber(value, 3) : ""}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const colourNames = ["red", "green", "blue"];

// `colours`: the stage has a map for each.
function placeText({ tensor, at }: Explanation, colours: boolean): string {
  const [row, column, channel = 0] = at;
  return `${tensor}[${row}, ${column}${colours ? `, ${channel}` : ""}]`;
}

// The terms of one channel of the window; a small network's sums are told channel by channel.
function plane(terms: Term[], window: number[], channel: number): Term[] {
  const channels = window[2] ?? 1;
  return terms.filter((_, index) => index % channels === channel);
}

const zeroToOne: Scale = { map: "grey", low: 0, high: 1 };

function Sum({ explanation, colours }: { explanation: Explanation; colours: boolean }) {
  const { terms = [], offsets = [], window = [1, 1, 1], value = 0 } = explanation;
  const [rows = 1, columns = 1, channels = 1] = window;
  const names = channels === 3 ? colourNames : [colours ? colourNames[explanation.at[2] ?? 0]! : "grey"];
  const bias = offsets.reduce((total, { product }) => total + product, 0);
  const products = signedScale(terms.map(({ product }) => product));
  const weights = signedScale(terms.map(({ weight }) => weight));
  const sums = names.map((_, c) => plane(terms, window, c).reduce((total, { product }) => total + product, 0));
  return (
    <>
      {names.slice(0, channels).map((name, c) => {
        const shown = plane(terms, window, c);
        const of = channels > 1 || colours ? ` of ${name}` : "";
        return (
          <div class="sum" key={name}>
            <Numbers
              label={`window${of}`}
              rows={rows}
              columns={columns}
              scale={zeroToOne}
              cell={(i) => ({ value: shown[i]!.value, note: shown[i]!.of ? undefined : "padding" })}
            />
            <span class="sign">×</span>
            <Numbers label={`kernel${of}`} rows={rows} columns={columns} scale={weights} cell={(i) => ({ value: shown[i]!.weight })} />
            <span class="sign">=</span>
            <Numbers label={`products${of}`} rows={rows} columns={columns} scale={products} cell={(i) => ({ value: shown[i]!.product })} />
          </div>
        );
      })}
      <p class="total">
        {channels > 1 ? sums.map((sum) => shownNumber(sum, 6)).join(" + ") : `sum of ${terms.length} products`}
        {offsets.length > 0 ? ` + bias ${shownNumber(bias, 6)}` : ""} = <b data-value={explanation.traced}>{shownNumber(value, 8)}</b>
        {Math.fround(value) !== explanation.traced && ` (${shownNumber(explanation.traced, 8)} where the engine adds in float32)`}
      </p>
    </>
  );
}

function Pooled({ explanation }: { explanation: Explanation }) {
  const { terms = [], window = [1, 1, 1], traced } = explanation;
  const [rows = 1, columns = 1] = window;
  const values = terms.map(({ value }) => value);
  const finite = values.filter(Number.isFinite);
  const [low, high] = [Math.min(...finite, 0), Math.max(...finite, 0)];
  const scale = scaleFor({ low, high, count: values.length, not_finite: 0, usual: 0 });
  const winner = values.indexOf(traced);
  const maximum = explanation.rule === "maximum";
  return (
    <>
      <div class="sum">
        <Numbers
          label="window"
          rows={rows}
          columns={columns}
          scale={scale}
          cell={(i) => ({
            value: terms[i]?.value ?? 0,
            note: terms[i]?.of ? undefined : "padding, which does not count",
            lit: maximum && i === winner,
          })}
        />
      </div>
      <p class="total">
        the {maximum ? "largest" : "mean"} = <b data-value={traced}>{shownNumber(traced, 8)}</b>
      </p>
    </>
  );
}

function Step({ explanation, colours }: { explanation: Explanation; colours: boolean }) {
  const pool = explanation.operation.endsWith("Pool");
  const term = explanation.terms?.[0];
  return (
    <div class="step">
      <h3>
        {placeText(explanation, colours)} = <span>{shownNumber(explanation.traced, 8)}</span>
      </h3>
      {pool ? (
        <Pooled explanation={explanation} />
      ) : explanation.operation === "Conv" ? (
        <Sum explanation={explanation} colours={colours} />
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
