// The Train view: settings, the training that goes on, what it learns, and the runs so far.
import type { Engine } from "../../model/engine";
import { trainCommand, trainCpp, trainKeras } from "../../model/train_lines";
import { layersOf } from "../../model/train_state";
import { Reproduce } from "../../parts/reproduce";
import type { View } from "../../parts/view";
import { CurvesPanel } from "./curves_panel";
import { LookPanel } from "./look_panel";
import { ResultPanel } from "./result_panel";
import { RunsPanel } from "./runs_panel";
import { Settings } from "./settings";
import { Steering } from "./steering";
import { Store } from "./store";
import "./train.css";

function Lines({ store }: { store: Store }) {
  const state = store.state.value;
  const folder = `runs/${store.runName.value}`;
  return (
    <Reproduce
      lines={(language) => {
        const shape = store.dataset.value?.shape ?? [];
        if (language === "Command") return trainCommand(state, folder, shape);
        if (language === "C++") return trainCpp(state, folder);
        return trainKeras(state, layersOf(state) ?? store.check.value?.text, shape);
      }}
    />
  );
}

function Train({ store }: { store: Store }) {
  return (
    <main class="train">
      <section class="settings" aria-label="Settings">
        <Settings store={store} />
      </section>
      <div class="stages">
        <Steering store={store} />
        <CurvesPanel store={store} />
        <LookPanel store={store} />
        <ResultPanel store={store} />
        <RunsPanel store={store} />
        <Lines store={store} />
      </div>
    </main>
  );
}

export function open(engine: Engine): View {
  const { trainer } = engine;
  if (!trainer) {
    return { link: () => location.href, content: <main class="train"><p class="hint">This page has no engine that trains: open it with convscope serve.</p></main> };
  }
  const store = new Store(trainer);
  return { link: () => store.link(), content: <Train store={store} /> };
}
