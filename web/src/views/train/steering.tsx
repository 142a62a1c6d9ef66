// Begin, pause, step, go on, stop; and how it stands.
import { durationText, rateOf, secondsLeft, totalSteps } from "../../model/learning";
import { shownNumber } from "../../model/kernel";
import type { Progress } from "../../model/training";
import { TextField } from "../../parts/fields";
import { goesOn } from "./store";
import type { Store } from "./store";

const phases: Record<Progress["state"], string> = {
  idle: "nothing is being trained",
  preparing: "reading the data",
  running: "learning",
  paused: "paused",
  stopping: "stopping after this step",
  finished: "finished",
  interrupted: "stopped; it can be resumed",
  failed: "failed",
};

function Standing({ progress }: { progress: Progress }) {
  const total = totalSteps(progress);
  const epoch = progress.steps_per_epoch > 0 ? Math.min(progress.epochs, Math.floor(progress.step / progress.steps_per_epoch) + 1) : 0;
  const last = progress.history[progress.history.length - 1];
  const left = progress.state === "running" ? secondsLeft(progress) : undefined;
  const measuring = progress.state === "running" && progress.step === total;
  return (
    <>
      <dl class="standing">
        <div>
          <dt>Epoch</dt>
          <dd>
            {epoch} of {progress.epochs}
          </dd>
        </div>
        <div>
          <dt>Step</dt>
          <dd data-fact="step">
            {progress.step.toLocaleString("en")} of {total.toLocaleString("en")}
          </dd>
        </div>
        <div>
          <dt>Rate</dt>
          <dd>{rateOf(progress) > 0 ? `${shownNumber(rateOf(progress), 3)} steps/s` : "–"}</dd>
        </div>
        <div>
          <dt>Time left</dt>
          <dd>{measuring ? "measuring" : left === undefined ? "–" : durationText(left)}</dd>
        </div>
        <div>
          <dt>Validation</dt>
          <dd>{last?.val_accuracy === undefined ? "–" : `${(100 * last.val_accuracy).toFixed(1)} %`}</dd>
        </div>
        {progress.test_accuracy !== undefined && (
          <div>
            <dt>Test accuracy</dt>
            <dd>
              <b data-fact="accuracy" data-value={progress.test_accuracy}>
                {(100 * progress.test_accuracy).toFixed(2)} %
              </b>
            </dd>
          </div>
        )}
      </dl>
      <progress max={total || 1} value={progress.step} aria-label="Steps done" />
    </>
  );
}

export function Steering({ store }: { store: Store }) {
  const progress = store.progress.value;
  const phase = progress?.state ?? "idle";
  const on = goesOn(phase);
  const wrong = store.check.value?.wrong !== undefined || store.wrong.value.size > 0 || !store.dataset.value;
  return (
    <section class="steering" aria-label="Training">
      <div class="steer-line">
        {on ? (
          <>
            {phase === "paused" ? (
              <button class="main" onClick={() => void store.steer("continue")}>
                Resume
              </button>
            ) : (
              <button class="main" disabled={phase !== "running"} onClick={() => void store.steer("pause")}>
                Pause
              </button>
            )}
            <button disabled={phase !== "paused"} onClick={() => void store.steer("step")}>
              One step
            </button>
            <button disabled={phase === "stopping"} onClick={() => void store.steer("stop")}>
              Stop
            </button>
          </>
        ) : (
          <>
            <button class="main" disabled={wrong || store.busy.value} onClick={() => void store.begin()}>
              Train
            </button>
            {phase === "interrupted" && progress && (
              <button disabled={store.busy.value} onClick={() => void store.resume(progress.run)}>
                Resume {progress.run}
              </button>
            )}
            <TextField
              label="Name of the run"
              value={store.state.value.name}
              hint={store.runName.value}
              wrong={store.wrong.value.has("name")}
              onInput={(name) => store.set({ name })}
            />
          </>
        )}
        <p class="phase" role="status">
          {progress?.run && <strong>{progress.run}</strong>} <span data-fact="state" data-state={phase}>{store.busy.value && !on ? phases.preparing : phases[phase]}</span>
        </p>
      </div>
      {wrong && !on && <p class="hint">The settings have a mistake, marked where it is.</p>}
      {progress && progress.steps_per_epoch > 0 && <Standing progress={progress} />}
      {progress?.failure && !store.error.value && <p class="error">{progress.failure}</p>}
      {progress?.remarks?.map((remark) => (
        <p class="hint" key={remark}>
          {remark}
        </p>
      ))}
      {store.lost.value && (
        <p class="error" role="alert">
          The engine does not answer. Start convscope serve again: this page then goes on by itself, and a training that was stopped can be resumed.
        </p>
      )}
      {store.error.value && !store.lost.value && (
        <p class="error" role="alert">
          {store.error.value}
        </p>
      )}
    </section>
  );
}
