// Where a sliding window stands: which elements of its input an output is made of, and the other way round. The same
// rules as convscope/kernels/window.h.

export type PadMode = "zero" | "edge" | "reflect" | "wrap";

export interface Axis {
  in: number;
  size: number;
  stride: number;
  dilation: number;
  before: number;
  after: number;
}

// Padding of an axis: "valid", "same", or so many elements on both sides.
export function axisOf(
  length: number,
  size: number,
  stride: number,
  dilation: number,
  padding: "valid" | "same" | [number, number],
): Axis {
  let [before, after] = [0, 0];
  if (padding === "same") {
    const extent = dilation * (size - 1) + 1;
    const total = Math.max(0, extent + (Math.ceil(length / stride) - 1) * stride - length);
    before = Math.floor(total / 2);
    after = total - before;
  } else if (padding !== "valid") {
    [before, after] = padding;
  }
  return { in: length, size, stride, dilation, before, after };
}

export function outLength(axis: Axis): number {
  const free = axis.in + axis.before + axis.after - axis.dilation * (axis.size - 1) - 1;
  return free < 0 ? 0 : Math.floor(free / axis.stride) + 1;
}

// The element that a place of the padded axis shows; -1 for a zero of the padding.
export function source(place: number, length: number, mode: PadMode): number {
  if (place >= 0 && place < length) return place;
  switch (mode) {
    case "zero":
      return -1;
    case "edge":
      return place < 0 ? 0 : length - 1;
    case "reflect":
      return place < 0 ? -place : 2 * (length - 1) - place;
    case "wrap":
      return place < 0 ? place + length : place - length;
  }
}

// The first and last place under output `at`, which may lie in the padding.
export function placesUnder(axis: Axis, at: number): [number, number] {
  const first = at * axis.stride - axis.before;
  return [first, first + axis.dilation * (axis.size - 1)];
}

// The outputs that element `at` takes part in, in order.
export function reachedBy(axis: Axis, at: number, mode: PadMode): number[] {
  const reached = new Set<number>();
  const out = outLength(axis);
  // Without the border only these can be; what is padded with the picture is asked one by one.
  const mirrored = mode !== "zero" && (axis.before > 0 || axis.after > 0);
  const extent = axis.dilation * (axis.size - 1);
  const first = mirrored ? 0 : Math.max(0, Math.ceil((at + axis.before - extent) / axis.stride));
  const last = mirrored ? out - 1 : Math.min(out - 1, Math.floor((at + axis.before) / axis.stride));
  for (let o = first; o <= last; o++) {
    for (let t = 0; t < axis.size; t++) {
      if (source(o * axis.stride + t * axis.dilation - axis.before, axis.in, mode) === at) {
        reached.add(o);
        break;
      }
    }
  }
  return [...reached];
}
