// All runs: which is looked at, which are beside it, which can go on.
import { durationText } from "../../model/learning";
import type { Run } from "../../model/training";
import type { Store } from "./store";

function networkOf({ settings }: Run): string {
  return settings.model.endsWith("network.json") ? "own layers" : settings.model;
}

export function RunsPanel({ store }: { store: Store }) {
  const runs = store.runs.value;
  const { compare } = store.state.value;
  const shown = store.shown.value;
  const on = store.isTraining.value;
  const live = store.progress.value;
  if (runs.length === 0) return null;
  const stateOf = (run: Run) => (run.name === live?.run ? live.state : run.state);
  return (
    <section class="panel" aria-label="Runs">
      <header class="panel-head">
        <h2>Runs</h2>
      </header>
      <div class="scroll" tabIndex={0} role="region" aria-label="Runs, a table">
        <table class="numbers-table runs">
          <thead>
            <tr>
              <th scope="col">Run</th>
              <th scope="col">Beside it</th>
              <th scope="col">Network</th>
              <th scope="col">Data</th>
              <th scope="col">Optimizer</th>
              <th scope="col">Epochs</th>
              <th scope="col">Test accuracy</th>
              <th scope="col">Time</th>
              <th scope="col">State</th>
            </tr>
          </thead>
          <tbody>
            {runs.map((run) => {
              const state = stateOf(run);
              return (
                <tr key={run.name} class={run.name === shown ? "chosen" : ""}>
                  <th scope="row">
                    <button aria-pressed={run.name === shown} onClick={() => store.set({ shown: run.name, at: "", layer: "" })}>
                      {run.name}
                    </button>
                  </th>
                  <td>
                    <input
                      type="checkbox"
                      aria-label={`Show the curves of ${run.name} too`}
                      checked={run.name === shown || compare.includes(run.name)}
                      disabled={run.name === shown}
                      onChange={(event) => store.set({ compare: event.currentTarget.checked ? [...compare, run.name].slice(-5) : compare.filter((name) => name !== run.name) })}
                    />
                  </td>
                  <td>{networkOf(run)}</td>
                  <td>{run.settings.data}</td>
                  <td>{run.settings.optimizer}</td>
                  <td>
                    {run.epochs}/{run.settings.epochs}
                  </td>
                  <td>{run.test_accuracy === undefined ? "–" : `${(100 * run.test_accuracy).toFixed(2)} %`}</td>
                  <td>{durationText(run.seconds)}</td>
                  <td title={state}>
                    {state.length > 40 ? `${state.slice(0, 40)}…` : state}{" "}
                    {["interrupted", "broken off"].includes(state) && !on && (
                      <button disabled={store.busy.value} aria-label={`Resume ${run.name}`} onClick={() => void store.resume(run.name)}>
                        Resume
                      </button>
                    )}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {compare.length > 0 && <p class="hint">At most five beside it. The dashes tell them apart as the colours do.</p>}
    </section>
  );
}
