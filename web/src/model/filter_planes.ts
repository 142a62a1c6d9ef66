// How the filters of a layer are laid out to be looked at.
import type { Filters } from "./network_engine";

export interface FilterPlanes {
  kind: "planes" | "matrix"; // planes with captions; one row a filter, one column an input channel; a dense layer's alone
  rows: number; // of one plane
  columns: number;
  down: number; // planes, of a matrix
  across: number;
  name: (index: number) => string; // of a plane with a caption
  at: (index: number, row: number, column: number) => number;
  told: string;
}

const mostDown = 96; // filters of a matrix

// `width`: CSS pixels that there are.
export function filterPlanes(filters: Filters, width: number): FilterPlanes {
  const [count, channels, rows, columns] = filters.shape as [number, number, number, number];
  const { values } = filters;
  const at = (filter: number, channel: number, row: number, column: number) =>
    values[((filter * channels + channel) * rows + row) * columns + column]!;
  const of = (shown: number, all: number) => (shown < all ? `the first ${shown} of ${all}` : `${all}`);
  if (rows * columns === 1) {
    return {
      kind: "matrix",
      rows: count,
      columns: channels,
      down: 1,
      across: 1,
      name: () => "",
      at: (_, row, column) => values[row * channels + column]!,
      told: `one row a unit, ${of(count, filters.filters.filters)}, the first on top; one column an input, ${of(channels, filters.filters.channels)}`,
    };
  }
  if (channels <= 3) {
    return {
      kind: "planes",
      rows,
      columns,
      down: 1,
      across: count * channels,
      name: (index) => (channels > 1 ? `${Math.floor(index / channels)} ${["red", "green", "blue"][index % channels]}` : `${index}`),
      at: (index, row, column) => at(Math.floor(index / channels), index % channels, row, column),
      told: `${of(count, filters.filters.filters)} filters`,
    };
  }
  const across = Math.min(channels, Math.max(1, Math.floor(width / (2 * columns + 1))));
  const down = Math.min(count, mostDown);
  return {
    kind: "matrix",
    rows,
    columns,
    down,
    across,
    name: () => "",
    at: (index, row, column) => at(Math.floor(index / across), index % across, row, column),
    told: `one row a filter, ${of(down, filters.filters.filters)}, the first on top; one column an input channel, ${of(across, filters.filters.channels)}`,
  };
}
