// The arithmetic of one value: a sum of products channel by channel, a pool's window, its largest contributions, or a
// function of one number.
import { scaleFor, signedScale } from "../model/colors";
import type { Scale } from "../model/colors";
import type { Explanation } from "../model/engine";
import { shownNumber } from "../model/kernel";
import { contributions, hasPlaces, planesOf, termPlace } from "../model/terms";
import { Numbers } from "./numbers";

interface SumProps {
  explanation: Explanation;
  channelName: (channel: number) => string; // "" where there is only one
  input: Scale | undefined; // of the window; none: made for its values
  mostPlanes?: number;
}

// Told in float64; what the engine adds in float32 may differ in the last digits.
function Total({ explanation, parts }: { explanation: Explanation; parts: string }) {
  const { offsets = [], value = 0, traced } = explanation;
  const bias = offsets.reduce((total, { product }) => total + product, 0);
  return (
    <p class="total">
      {parts}
      {offsets.length > 0 ? ` + bias ${shownNumber(bias, 6)}` : ""} = <b data-value={traced}>{shownNumber(value, 8)}</b>
      {Math.fround(value) !== traced && ` (${shownNumber(traced, 8)} where the engine adds in float32)`}
    </p>
  );
}

export function WindowSum({ explanation, channelName, input, mostPlanes = 3 }: SumProps) {
  const { terms = [], window = [1, 1, 1] } = explanation;
  const planes = planesOf(explanation);
  const shown = planes.slice(0, mostPlanes);
  const rest = planes.slice(mostPlanes);
  const values = terms.map(({ value }) => value);
  const windowScale = input ?? scaleFor({ low: Math.min(...values, 0), high: Math.max(...values, 0), count: values.length, not_finite: 0, usual: 0 });
  const products = signedScale(terms.map(({ product }) => product));
  const weights = signedScale(terms.map(({ weight }) => weight));
  const [rows = 1, columns = 1] = window;
  const restSum = rest.reduce((total, { sum }) => total + sum, 0);
  const parts =
    planes.length > 1
      ? shown.map(({ sum }) => shownNumber(sum, 6)).join(" + ") +
        (rest.length > 0 ? ` + ${shownNumber(restSum, 6)} of ${rest.length} other channels` : "")
      : `sum of ${terms.length} products`;
  return (
    <>
      {shown.map(({ channel, terms: own, sum }) => {
        const of = channelName(channel) ? ` of ${channelName(channel)}` : "";
        return (
          <div class="sum" key={channel}>
            <Numbers
              label={`window${of}`}
              rows={rows}
              columns={columns}
              scale={windowScale}
              cell={(i) => ({ value: own[i]!.value, note: own[i]!.of ? undefined : "padding" })}
            />
            <span class="sign">×</span>
            <Numbers label={`kernel${of}`} rows={rows} columns={columns} scale={weights} cell={(i) => ({ value: own[i]!.weight })} />
            <span class="sign">=</span>
            <Numbers label={`products${of}`} rows={rows} columns={columns} scale={products} cell={(i) => ({ value: own[i]!.product })} />
            {planes.length > 1 && <span class="sign small">sum {shownNumber(sum, 5)}</span>}
          </div>
        );
      })}
      <Total explanation={explanation} parts={parts} />
    </>
  );
}

export function Pooled({ explanation }: { explanation: Explanation }) {
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

// The largest products of a sum over many values, of a dense layer for one, and all others as one number.
export function Contributions({ explanation, most = 8 }: { explanation: Explanation; most?: number }) {
  const { shown, others, sum } = contributions(explanation, most);
  const scale = signedScale(shown.map(({ product }) => product));
  return (
    <>
      <table class="contributions">
        <thead>
          <tr>
            <th scope="col">of</th>
            <th scope="col">value</th>
            <th scope="col">× weight</th>
            <th scope="col">= product</th>
            <th>
              <span class="sr">bar</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map((term, index) => (
            <tr key={index}>
              <th scope="row">{termPlace(term)}</th>
              <td>{shownNumber(term.value, 5)}</td>
              <td>{shownNumber(term.weight, 5)}</td>
              <td>{shownNumber(term.product, 5)}</td>
              <td class="product" aria-hidden="true">
                <span
                  class={term.product < 0 ? "below" : "above"}
                  style={{ width: `${Math.max(1, (50 * Math.abs(term.product)) / scale.high)}%` }}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <Total
        explanation={explanation}
        parts={others > 0 ? `these ${shown.length} + ${shownNumber(sum, 6)} of ${others.toLocaleString("en")} others` : `sum of ${shown.length}`}
      />
    </>
  );
}

// Whatever the operation is. `channelName` and `input` as of a window's sum.
export function Arithmetic(props: SumProps) {
  const { explanation } = props;
  const { rule, terms = [], traced, formula } = explanation;
  if (rule === undefined) return <p class="total">{explanation.operation} does not tell its arithmetic.</p>;
  if (hasPlaces(explanation) && /Pool$/.test(explanation.operation)) return <Pooled explanation={explanation} />;
  if (rule === "sum" && hasPlaces(explanation)) return <WindowSum {...props} />;
  if (rule === "sum" && terms.length > 1) return <Contributions explanation={explanation} />;
  const told = terms.slice(0, 4).map((term) => `${termPlace(term) || "x"} = ${shownNumber(term.value, 8)}`);
  return (
    <p class="total">
      {formula}, of {told.join(", ")}
      {terms.length > 4 ? `, and ${terms.length - 4} more` : ""}: <b data-value={traced}>{shownNumber(traced, 8)}</b>
    </p>
  );
}
