// Curves of several runs over one axis of steps, as a chart takes them.
import { epochSteps, smoothed } from "./learning";
import type { Curves } from "./training";

export interface Lines {
  raw: (number | null)[];
  smooth: (number | null)[];
  validation: (number | null)[]; // at the ends of epochs
}

export function alignedLines(
  runs: { curves: Curves; stepsPerEpoch: number }[],
  value: "loss" | "accuracy",
  width: number, // of the smoothing, steps
  most: number, // about so many places of the axis
): { steps: number[]; lines: Lines[] } {
  const last = Math.max(0, ...runs.map(({ curves }) => curves.loss.length));
  const stride = Math.max(1, Math.ceil(last / most));
  const places = new Set<number>();
  for (let step = 1; step <= last; step += stride) places.add(step);
  if (last > 0) places.add(last);
  for (const { curves, stepsPerEpoch } of runs) for (const step of epochSteps(curves, stepsPerEpoch)) places.add(step);
  const steps = [...places].sort((a, b) => a - b);
  const lines = runs.map(({ curves, stepsPerEpoch }) => {
    const values = curves[value];
    const mean = smoothed(values, width);
    const at = (list: Float32Array, step: number) => (step <= list.length && Number.isFinite(list[step - 1]) ? list[step - 1]! : null);
    const ends = new Map(epochSteps(curves, stepsPerEpoch).map((step, i) => [step, curves.epochs[i]![`val_${value}`]]));
    return {
      raw: steps.map((step) => at(values, step)),
      smooth: steps.map((step) => at(mean, step)),
      validation: steps.map((step) => ends.get(step) ?? null),
    };
  });
  return { steps, lines };
}
