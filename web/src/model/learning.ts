// The numbers of a training as a page follows it: steps that arrive in pieces, smoothed curves, time that is left.
import type { Curves, Progress } from "./training";

function joined(known: Float32Array, first: number, more: (number | null)[]): Float32Array {
  const all = new Float32Array(first + more.length);
  all.set(known.subarray(0, first));
  more.forEach((value, i) => (all[first + i] = value ?? NaN));
  return all;
}

// What is known after `progress`; nothing where steps are missing in between, or it is of another run: then the whole
// has to be asked for.
export function follow(known: { run: string; curves: Curves } | undefined, progress: Progress): Curves | undefined {
  if (!progress.run) return undefined;
  const fresh = progress.first === 0 || (known?.run === progress.run && known.curves.loss.length >= progress.first);
  if (!fresh) return undefined;
  const before = known?.run === progress.run ? known.curves : { loss: new Float32Array(), accuracy: new Float32Array() };
  return {
    loss: joined(before.loss, progress.first, progress.loss),
    accuracy: joined(before.accuracy, progress.first, progress.accuracy),
    epochs: progress.history,
  };
}

// A mean over about `width` steps on both sides, whose weights fall exponentially, so that it does not lag behind; what is
// not finite is left out.
export function smoothed(values: Float32Array, width: number): Float32Array {
  const keep = width > 1 ? 1 - 1 / width : 0;
  const sums = new Float64Array(values.length);
  const weights = new Float64Array(values.length);
  const sweep = (from: number, step: 1 | -1) => {
    let [sum, weight] = [0, 0];
    for (let i = from; i >= 0 && i < values.length; i += step) {
      // Each value counts once: in the sweep forwards.
      const own = step > 0;
      const finite = Number.isFinite(values[i]!);
      sums[i]! += own && finite ? sum * keep + values[i]! : sum * keep;
      weights[i]! += own && finite ? weight * keep + 1 : weight * keep;
      sum = sum * keep + (finite ? values[i]! : 0);
      weight = weight * keep + (finite ? 1 : 0);
    }
  };
  sweep(0, 1);
  sweep(values.length - 1, -1);
  return Float32Array.from(sums, (sum, i) => (weights[i]! > 0 ? sum / weights[i]! : NaN));
}

// Steps a second since it was begun; 0 where nothing is known yet.
export function rateOf(progress: Progress): number {
  const steps = progress.step - progress.began;
  return steps > 0 && progress.seconds > 0 ? steps / progress.seconds : 0;
}

export function totalSteps(progress: Progress): number {
  return progress.epochs * progress.steps_per_epoch;
}

export function secondsLeft(progress: Progress): number | undefined {
  const rate = rateOf(progress);
  return rate > 0 ? Math.max(0, totalSteps(progress) - progress.step) / rate : undefined;
}

export function durationText(exact: number): string {
  const seconds = Math.round(exact);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

// Where the points of epochs stand, in steps: at the end of each.
export function epochSteps(curves: Curves, stepsPerEpoch: number): number[] {
  return curves.epochs.map(({ epoch }) => epoch * stepsPerEpoch);
}

// Of a run whose batches are not told: its steps, evenly among its epochs where all of them are whole.
export function stepsPerEpoch(curves: Curves): number {
  return curves.epochs.length > 0 ? Math.max(1, Math.round(curves.loss.length / curves.epochs.length)) : 0;
}
