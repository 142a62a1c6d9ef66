// The curves of the run that is looked at, and of those beside it.
import { useMemo } from "preact/hooks";
import { alignedLines } from "../../model/curve_lines";
import { durationText, stepsPerEpoch } from "../../model/learning";
import { shownNumber } from "../../model/kernel";
import { Slider, Switch } from "../../parts/fields";
import { CurveChart } from "./curve_chart";
import type { Store } from "./store";

const mostPlaces = 3000;

const percent = (value: number | undefined) => (value === undefined ? "–" : `${(100 * value).toFixed(1)} %`);

export function CurvesPanel({ store }: { store: Store }) {
  const { log, smooth, compare } = store.state.value;
  const shown = store.shown.value;
  const all = store.curves.value;
  const live = store.progress.value;
  const names = [shown, ...compare.filter((name) => name !== shown)].filter((name) => all.has(name));
  const runs = names.map((name) => {
    const curves = all.get(name)!;
    return { curves, stepsPerEpoch: name === live?.run ? live.steps_per_epoch : store.stepsPerEpochOf(name) || stepsPerEpoch(curves) };
  });
  const key = runs.map(({ stepsPerEpoch: steps }, i) => `${names[i]} ${steps}`).join(" ");
  const loss = useMemo(() => alignedLines(runs, "loss", smooth, mostPlaces), [all, key, smooth]);
  const accuracy = useMemo(() => alignedLines(runs, "accuracy", smooth, mostPlaces), [all, key, smooth]);
  const own = all.get(shown);
  if (!own || names.length === 0) {
    return (
      <section class="panel empty" aria-label="Curves">
        <p class="hint">The curves of a training appear here as it learns.</p>
      </section>
    );
  }
  const epochs = own.epochs;
  const last = epochs[epochs.length - 1];
  const summary = (what: "loss" | "accuracy") =>
    `${what} of ${names.join(", ")} over ${own.loss.length} steps${last ? `; after epoch ${last.epoch}: ${shownNumber(last[what], 4)}` : ""}. The table below has the numbers.`;
  return (
    <section class="panel" aria-label="Curves">
      <header class="panel-head">
        <h2>Curves</h2>
        <Slider label="Mean of" value={smooth} low={1} high={200} step={1} unit={smooth === 1 ? "step" : "steps"} onInput={(value) => store.set({ smooth: value })} />
        <Switch label="Loss on a log scale" checked={log} onChange={(on) => store.set({ log: on })} />
      </header>
      <div class="charts">
        <CurveChart title="Loss" file={`${shown}-loss`} names={names} steps={loss.steps} lines={loss.lines} width={smooth} log={log} percent={false} summary={summary("loss")} />
        <CurveChart title="Accuracy" file={`${shown}-accuracy`} names={names} steps={accuracy.steps} lines={accuracy.lines} width={smooth} log={false} percent summary={summary("accuracy")} />
      </div>
      {epochs.length > 0 && (
        <div class="scroll" tabIndex={0} role="region" aria-label={`Epochs of ${shown}`}>
          <table class="numbers-table">
            <thead>
              <tr>
                <th scope="col">Epoch</th>
                <th scope="col">Loss</th>
                <th scope="col">Accuracy</th>
                <th scope="col">Validation loss</th>
                <th scope="col">Validation accuracy</th>
                <th scope="col">Learning rate</th>
                <th scope="col">Time</th>
              </tr>
            </thead>
            <tbody>
              {epochs.map((epoch) => (
                <tr key={epoch.epoch}>
                  <th scope="row">{epoch.epoch}</th>
                  <td>{shownNumber(epoch.loss, 4)}</td>
                  <td>{percent(epoch.accuracy)}</td>
                  <td>{epoch.val_loss === undefined ? "–" : shownNumber(epoch.val_loss, 4)}</td>
                  <td>{percent(epoch.val_accuracy)}</td>
                  <td>{shownNumber(epoch.learning_rate, 3)}</td>
                  <td>{durationText(epoch.seconds)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
