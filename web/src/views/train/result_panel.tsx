// How good a run is on the test pictures: accuracy, each class, and what is taken for what.
import { colorOf, css, textColorOn } from "../../model/colors";
import type { Evaluation } from "../../model/training";
import { savePng } from "../../parts/save_png";
import { ScaleBar } from "../../parts/scale_bar";
import { shownNumber } from "../../model/kernel";
import type { Store } from "./store";
import { readColours } from "./theme";

const scale = { map: "viridis", low: 0, high: 1 } as const;

// The colour of a count: its part of the pictures of its true class.
function cellColours(row: number[], count: number): { back: string; text: string } {
  const color = colorOf(scale, count / Math.max(1, row.reduce((sum, one) => sum + one, 0)));
  return { back: css(color), text: textColorOn(color) };
}

function matrixPicture({ classes, confusion }: Evaluation, title: string): HTMLCanvasElement {
  const page = readColours();
  const [cell, left, top] = [34, 150, 80];
  const canvas = document.createElement("canvas");
  const zoom = 2;
  canvas.width = (left + cell * classes.length + 12) * zoom;
  canvas.height = (top + cell * classes.length + 12) * zoom;
  const context = canvas.getContext("2d")!;
  context.scale(zoom, zoom);
  context.fillStyle = page.card;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = page.text;
  context.font = "600 14px system-ui, sans-serif";
  context.fillText(title, 12, 20);
  context.font = "12px system-ui, sans-serif";
  context.fillText("rows: what it is; columns: what it is taken for, by number", 12, 40);
  context.textBaseline = "middle";
  confusion.forEach((row, r) => {
    context.fillStyle = page.text;
    context.textAlign = "right";
    context.fillText(`${classes[r]!.name} ${r}`, left - 6, top + cell * (r + 0.5));
    context.textAlign = "center";
    context.fillText(String(r), left + cell * (r + 0.5), top - 10);
    row.forEach((count, c) => {
      const { back, text } = cellColours(row, count);
      context.fillStyle = back;
      context.fillRect(left + cell * c, top + cell * r, cell - 1, cell - 1);
      context.fillStyle = text;
      context.fillText(String(count), left + cell * (c + 0.5), top + cell * (r + 0.5));
    });
  });
  return canvas;
}

export function ResultPanel({ store }: { store: Store }) {
  const evaluation = store.evaluation.value;
  const run = store.shown.value;
  if (!evaluation || evaluation.run !== run) return null;
  const { accuracy, loss, pictures, classes, confusion } = evaluation.result;
  return (
    <section class="panel" aria-label="Result">
      <header class="panel-head">
        <h2>Result</h2>
        <p>
          <b data-fact="evaluated" data-value={accuracy}>
            {(100 * accuracy).toFixed(2)} %
          </b>{" "}
          of {pictures.toLocaleString("en")} test pictures are right; loss {shownNumber(loss, 4)}
        </p>
        <a class="button" href={`#network?model=${encodeURIComponent(`run:${run}`)}`}>
          Look into it
        </a>
        <button class="icon save" aria-label="Save the confusion matrix as PNG" title="Save as PNG" onClick={() => savePng(matrixPicture(evaluation.result, `${run}: ${(100 * accuracy).toFixed(2)} %`), `${run}-confusion`)}>
          ⤓
        </button>
      </header>
      <div class="scroll" tabIndex={0} role="region" aria-label="Confusion matrix">
        <table class="confusion">
          <caption>Rows: what it is. Columns: what it is taken for, by number.</caption>
          <thead>
            <tr>
              <td />
              {classes.map(({ name }, c) => (
                <th scope="col" key={c} title={name}>
                  <abbr title={name}>{c}</abbr>
                </th>
              ))}
              <th scope="col">recall</th>
              <th scope="col">precision</th>
            </tr>
          </thead>
          <tbody>
            {confusion.map((row, r) => (
              <tr key={r}>
                <th scope="row">
                  {classes[r]!.name} <span class="number">{r}</span>
                </th>
                {row.map((count, c) => {
                  const { back, text } = cellColours(row, count);
                  return (
                    <td key={c} class={`cell ${r === c ? "right" : ""}`} style={{ background: back, color: text }} title={`${classes[r]!.name} taken for ${classes[c]!.name}: ${count}`}>
                      {count}
                    </td>
                  );
                })}
                <td>{(100 * classes[r]!.recall).toFixed(1)} %</td>
                <td>{(100 * classes[r]!.precision).toFixed(1)} %</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div class="narrow-scale">
        <ScaleBar scale={scale} remark="part of the pictures of the true class" />
      </div>
    </section>
  );
}
