// The Network view: a model, a picture, what every layer makes of it, and why.
import type { Engine } from "../../model/engine";
import { networkCommands, networkCpp, networkKeras, shownBy } from "../../model/reproduce_network";
import { Reproduce } from "../../parts/reproduce";
import type { Language } from "../../parts/reproduce";
import type { View } from "../../parts/view";
import { AttributionPanel } from "./attribution_panel";
import { LayerList } from "./layer_list";
import { MapsPanel } from "./maps_panel";
import "./network.css";
import { PredictionBars } from "./prediction";
import { Store } from "./store";
import { SubjectBar } from "./subject_bar";
import { PictureMap, ValuePanel } from "./value_panel";

function ReproducePanel({ store }: { store: Store }) {
  const state = store.state.value;
  const detail = store.detail.value;
  const id = store.model.value;
  const entry = store.models.value.find((one) => one.id === id);
  const at = detail && state.at ? store.atText(detail, state.at) : "";
  const shown = shownBy({ ...state, model: id }, entry, store.modelFiles.get(id), store.picture.value, store.sent.files, store.tensor.value, at);
  const lines = (language: Language) => (language === "Command" ? networkCommands(shown) : language === "C++" ? networkCpp(shown) : networkKeras(shown));
  return <Reproduce lines={lines} />;
}

function Network({ store }: { store: Store }) {
  const look = store.look.value;
  return (
    <main class="network">
      <section class="side" aria-label="Model and picture">
        <SubjectBar store={store} />
        {look && (
          <div class="card seen">
            <PictureMap look={look} boxes={[]} title="As the model sees it" />
          </div>
        )}
        <PredictionBars store={store} />
      </section>
      <LayerList store={store} />
      <div class="panels">
        {store.error.value && (
          <p class="error" role="alert">
            {store.error.value}
          </p>
        )}
        {look ? (
          <>
            <MapsPanel store={store} />
            <ValuePanel store={store} />
            <AttributionPanel store={store} />
            <ReproducePanel store={store} />
            <p class="hint">Computed by convscope's engine on this machine in {look.milliseconds < 10 ? look.milliseconds.toFixed(1) : Math.round(look.milliseconds)} ms.</p>
          </>
        ) : (
          !store.error.value && <p class="hint">…</p>
        )}
      </div>
    </main>
  );
}

export function open(engine: Engine): View {
  const store = new Store(engine);
  return { link: () => store.link(), content: <Network store={store} /> };
}
