// Many small maps as one picture: tiles with a gap between them, all on one scale.
import { paint } from "./colors";
import type { Scale } from "./colors";

export interface Tiling {
  columns: number; // of tiles
  rows: number;
  width: number; // pixels
  height: number;
}

// As near to `ratio`, width over height, as it goes.
export function tilingOf(count: number, tileRows: number, tileColumns: number, ratio = 2): Tiling {
  const columns = Math.max(1, Math.min(count, Math.round(Math.sqrt((count * ratio * tileRows) / tileColumns))));
  const rows = Math.max(1, Math.ceil(count / columns));
  return { columns, rows, width: columns * (tileColumns + 1) - 1, height: rows * (tileRows + 1) - 1 };
}

// `values` (rows, columns, step): tile i is value `first + i` of each place. What is no tile stays clear.
export function paintTiles(scale: Scale, values: Float32Array, rows: number, columns: number, step: number, first: number, count: number, pixels: Uint32Array): void {
  const tiling = tilingOf(count, rows, columns);
  const tile = new Uint32Array(rows * columns);
  for (let i = 0; i < count; i++) {
    paint(scale, values, first + i, step, tile);
    const top = Math.floor(i / tiling.columns) * (rows + 1);
    const left = (i % tiling.columns) * (columns + 1);
    for (let row = 0; row < rows; row++) pixels.set(tile.subarray(row * columns, (row + 1) * columns), (top + row) * tiling.width + left);
  }
}

// Which tile, row and column a pixel of the picture is of; none: a gap.
export function tileAt(tiling: Tiling, rows: number, columns: number, count: number, x: number, y: number): { tile: number; row: number; column: number } | undefined {
  const [row, column] = [y % (rows + 1), x % (columns + 1)];
  const tile = Math.floor(y / (rows + 1)) * tiling.columns + Math.floor(x / (columns + 1));
  return row < rows && column < columns && tile < count ? { tile, row, column } : undefined;
}
