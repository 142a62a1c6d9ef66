// The terms of a value's arithmetic, sorted for reading.
import type { Explanation, Term } from "./engine";

export interface Plane {
  channel: number; // of the window, counted from 0
  terms: Term[]; // (rows, columns)
  sum: number; // of its products
}

// Whether all terms are told, and lie in a window of rows and columns.
export function hasPlaces({ window = [], terms = [], left_out }: Explanation): boolean {
  const places = window.length === 3 || window.length === 2;
  return places && !left_out && terms.length === window.reduce((product, length) => product * length, 1) && terms.length > 1;
}

// The channels of a window of up to three in their order, of more the largest sums first.
export function planesOf({ terms = [], window = [1, 1, 1] }: Explanation): Plane[] {
  const channels = window[2] ?? 1;
  const planes: Plane[] = Array.from({ length: channels }, (_, channel) => ({ channel, terms: [], sum: 0 }));
  terms.forEach((term, index) => {
    const plane = planes[index % channels]!;
    plane.terms.push(term);
    plane.sum += term.product;
  });
  return channels > 3 ? planes.sort((a, b) => Math.abs(b.sum) - Math.abs(a.sum)) : planes;
}

// The largest products, how many others there are, and what those sum to.
export function contributions({ terms = [], left_out }: Explanation, most: number): { shown: Term[]; others: number; sum: number } {
  const sorted = [...terms].sort((a, b) => Math.abs(b.product) - Math.abs(a.product));
  const rest = sorted.slice(most);
  return {
    shown: sorted.slice(0, most),
    others: rest.length + (left_out?.terms ?? 0),
    sum: rest.reduce((total, { product }) => total + product, left_out?.sum ?? 0),
  };
}

// "conv_1[3, 4, 7]"; empty for a zero of the padding.
export function termPlace({ of, at }: Term): string {
  return of === undefined ? "" : `${of}[${(at ?? []).join(", ")}]`;
}
