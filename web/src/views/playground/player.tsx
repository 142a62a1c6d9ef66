// Slides the window over the picture: plays, pauses, or is moved by hand.
import { useEffect, useState } from "preact/hooks";
import { shownNumber } from "../../model/kernel";
import { Slider } from "../../parts/fields";
import { stageOf } from "./geometry";
import type { Store } from "./store";

export function Player({ store }: { store: Store }) {
  const [speed, setSpeed] = useState(10); // places a second
  const state = store.state.value;
  const place = state.place?.stage === "conv" ? state.place : undefined;
  const kernel = place?.kernel ?? 0;
  const stage = stageOf(store.shown.value[kernel]?.filtered, "conv");
  const [rows, columns] = stage ? [stage.shape[1]!, stage.shape[2]!] : [0, 0];
  const count = rows * columns;
  const at = place ? Math.min(place.row * columns + place.column, count - 1) : 0;
  const playing = store.playing.value;

  const goTo = (next: number) =>
    store.set({
      place: { kernel, stage: "conv", row: Math.floor(next / columns), column: next % columns, channel: place?.channel ?? 0 },
    });

  useEffect(() => {
    if (!playing || count === 0) return;
    let from = at;
    const began = performance.now();
    let frame = 0;
    let last = -1;
    const tick = (now: number) => {
      const steps = Math.floor(((now - began) / 1000) * speed);
      if (steps !== last) {
        last = steps;
        const next = from + steps;
        if (next >= count) {
          store.playing.value = false;
          goTo(count - 1);
          return;
        }
        goTo(next);
      }
      frame = requestAnimationFrame(tick);
    };
    if (from >= count - 1) from = 0;
    frame = requestAnimationFrame(tick);
    return () => cancelAnimationFrame(frame);
  }, [playing, speed, count, kernel]);

  if (count === 0) return null;
  return (
    <section class="player" aria-label="Slide the window">
      <button
        class="play"
        aria-label={playing ? "Pause" : "Play"}
        onClick={() => {
          store.pointed.value = undefined;
          store.swept.value = true;
          store.playing.value = !playing;
        }}
      >
        {playing ? "❚❚" : "▶"}
      </button>
      <Slider
        label="Place of the window"
        value={at}
        low={0}
        high={count - 1}
        step={1}
        text={`row ${Math.floor(at / columns)}, column ${at % columns}`}
        onInput={(next) => {
          store.playing.value = false;
          store.swept.value = true;
          goTo(next);
        }}
      />
      <div class="speed">
        <Slider
          label="Speed"
          value={Math.log10(speed)}
          low={0}
          high={4}
          step={0.1}
          text={`${shownNumber(speed, 2)} a second`}
          onInput={(power) => setSpeed(10 ** power)}
        />
      </div>
      {(place || store.swept.value) && (
        <button
          onClick={() => {
            store.playing.value = false;
            store.swept.value = false;
            store.set({ place: undefined });
          }}
        >
          Clear
        </button>
      )}
    </section>
  );
}
