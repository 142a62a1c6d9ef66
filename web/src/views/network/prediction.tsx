// What the model says of the picture.
import { shownNumber } from "../../model/kernel";
import { shareText } from "../../model/layers";
import type { Store } from "./store";

export function PredictionBars({ store }: { store: Store }) {
  const look = store.look.value;
  if (!look) return null;
  const { prediction, truth } = look;
  if (!prediction) return <p class="hint">The model's output is no list of classes.</p>;
  const { top, probabilities, nothing } = prediction;
  const longest = probabilities ? 1 : Math.max(...top.map(({ score }) => Math.abs(score)), 1e-30);
  const scoreText = (score: number) => (probabilities ? shareText(score) : shownNumber(score));
  const says = nothing ? `predicts ${nothing}` : `${top[0]!.name}, ${scoreText(top[0]!.score)}`;
  return (
    <section class="card prediction" aria-label="Prediction">
      <h2>It says</h2>
      <p class="sr" role="status">
        {says}
        {truth ? `; it is: ${truth}` : ""}
      </p>
      {nothing && <p class="remark">{nothing}</p>}
      <table>
        <tbody>
          {top.map(({ class: number, name, score }) => (
            <tr key={number} class={name === truth ? "truth" : ""}>
              <th scope="row">{name}</th>
              <td class="bar-cell" aria-hidden="true">
                <span class="bar" style={{ width: `${(100 * Math.max(Math.abs(score), 0)) / longest}%` }} />
              </td>
              <td class="score">{scoreText(score)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {truth && (
        <p class="facts">
          it is: <strong>{truth}</strong>
          {top[0]?.name === truth ? " ✓" : ""}
        </p>
      )}
    </section>
  );
}
