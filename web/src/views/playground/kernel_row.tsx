// One kernel and what it makes of the picture: the editor and its row of maps.
import { useMemo } from "preact/hooks";
import { shownNumber } from "../../model/kernel";
import { scaleStageOf, stageNames } from "../../model/state";
import type { Place } from "../../model/state";
import type { Box } from "../../parts/map_canvas";
import { framesUnder, reachOf, stageOf } from "./geometry";
import { KernelEditor } from "./kernel_editor";
import { StageMap } from "./stage_map";
import type { Pointer } from "./stage_map";
import type { Store } from "./store";

// Points at a stage; "input" belongs to all kernels.
export function pointerOf(store: Store, kernel: number, stage: string, channel: number): Pointer {
  const at = (place: { row: number; column: number }): Place => ({ kernel, stage, channel, ...place });
  return {
    point: (place) => {
      if (!store.playing.value) store.pointed.value = place && at(place);
    },
    pick: (place) => {
      store.swept.value = false;
      store.set({ place: at(place) });
      store.pointed.value = undefined;
    },
  };
}

export function titleOf(stage: string, activation: string): string {
  if (stage === "conv") return "Convolution";
  if (stage === "activation") return activation.split(":")[0]!.replace(/_/g, " ");
  return stage.replace(/_/g, " ").replace(/^./, (letter) => letter.toUpperCase());
}

// The line of the formula that tells of a stage.
function formulaOf(formula: string, stage: string): string {
  const lines = formula.split("\n");
  const line = lines.find((text) => text.startsWith(stage + "[y, x") || text.startsWith(`${stage} = f(`)) ?? "";
  return line.replace(`${stage} = f(conv), `, "");
}

export function KernelRow({ store, index }: { store: Store; index: number }) {
  const state = store.state.value;
  const shown = store.shown.value[index];
  const filtered = shown?.filtered;
  const place = store.place.value;
  // Made again when the kernel changes, not when the pointer moves.
  const editor = useMemo(() => <KernelEditor store={store} index={index} shown={shown} />, [store, index, shown]);
  let frames = new Map<string, Box[]>();
  if (filtered && place) {
    const reach = place.stage === "input" ? reachOf(state, filtered, shown.matrix, place) : undefined;
    if (reach) frames.set("conv", reach.boxes);
    else if (place.kernel === index) frames = framesUnder(state, filtered, shown.matrix, place);
  }
  const pools = state.pools.map(({ size, stride }) => `windows of ${size}, step ${stride}`);
  const names = stageNames(state);
  const channel = state.shown && state.colour === "rgb" && !state.channel ? "rgb".indexOf(state.shown) : 0;
  return (
    <div class="row" role="group" aria-label={`Kernel ${index + 1} and its maps`}>
      {editor}
      {names.map((name, at) => {
        const stage = stageOf(filtered, name);
        const map = filtered?.maps.get(name);
        if (!stage || !map || !filtered) return null;
        // Pools are on the scale of what they read, as in the figures: one colour is one number in both.
        const scaledAs = scaleStageOf(state, name);
        const rows = state.sameScale ? store.shown.value : [shown];
        const scaledBy = rows.flatMap((row) => stageOf(row?.filtered, scaledAs) ?? []);
        const here = place && place.kernel === index && place.stage === name ? place : undefined;
        const sweeping = store.swept.value && here;
        const conv = name === "conv";
        return (
          <StageMap
            key={name}
            title={titleOf(name, state.activation)}
            detail={formulaOf(filtered.formula, name)}
            file={`${name}-${index + 1}`}
            map={map}
            rows={stage.shape[1]!}
            columns={stage.shape[2]!}
            channels={stage.shape[3]!}
            photograph={undefined}
            stage={stage}
            scaledBy={scaledBy}
            boxes={frames.get(name) ?? []}
            hiddenFrom={sweeping ? here.row * stage.shape[2]! + here.column + 1 : undefined}
            at={here}
            pointer={pointerOf(store, index, name, stage.shape[3] === 1 ? 0 : channel)}
            white={filtered.white}
            facts={
              conv
                ? `${stage.milliseconds === undefined ? "" : `${shownNumber(stage.milliseconds, 2)} ms`}`
                : pools[at - (names.length - pools.length)]
            }
          />
        );
      })}
    </div>
  );
}
