// Many small maps as one picture: tiles with a gap between them, all on one scale.
import { paint } from "./colors";
import type { Scale } from "./colors";

export interface Tiling {
  columns: number; // of tiles
  rows: number;
  zoom: number; // pixels a value is wide and high
  width: number; // pixels
  height: number;
}

const leastSide = 12; // pixels of a tile: so a gap of one pixel is narrower than a value

// Columns near to `wanted`, and where it can be so many that no row is left short.
function columnsFor(count: number, wanted: number): number {
  const whole = Array.from({ length: count }, (_, i) => i + 1).filter((columns) => count % columns === 0 && columns <= 2 * wanted && 2 * columns > wanted);
  const distance = (columns: number) => Math.abs(Math.log(columns / wanted));
  return whole.sort((a, b) => distance(a) - distance(b) || b - a)[0] ?? Math.max(1, Math.min(count, Math.round(wanted)));
}

// As near to `ratio`, width over height, as it goes.
export function tilingOf(count: number, tileRows: number, tileColumns: number, ratio = 2): Tiling {
  const zoom = Math.max(1, Math.ceil(leastSide / Math.max(tileRows, tileColumns)));
  const columns = columnsFor(count, Math.sqrt((count * ratio * tileRows) / tileColumns));
  const rows = Math.max(1, Math.ceil(count / columns));
  return { columns, rows, zoom, width: columns * (tileColumns * zoom + 1) - 1, height: rows * (tileRows * zoom + 1) - 1 };
}

// `values` (rows, columns, step): tile i is value `first + i` of each place. What is no tile stays clear.
export function paintTiles(scale: Scale, values: Float32Array, rows: number, columns: number, step: number, first: number, count: number, tiling: Tiling, pixels: Uint32Array): void {
  const { zoom, width } = tiling;
  const tile = new Uint32Array(rows * columns);
  for (let i = 0; i < count; i++) {
    paint(scale, values, first + i, step, tile);
    const top = Math.floor(i / tiling.columns) * (rows * zoom + 1);
    const left = (i % tiling.columns) * (columns * zoom + 1);
    for (let y = 0; y < rows * zoom; y++) {
      for (let x = 0; x < columns * zoom; x++) {
        pixels[(top + y) * width + left + x] = tile[Math.floor(y / zoom) * columns + Math.floor(x / zoom)]!;
      }
    }
  }
}

// Which tile, row and column a pixel of the picture is of; none: a gap.
export function tileAt(tiling: Tiling, rows: number, columns: number, count: number, x: number, y: number): { tile: number; row: number; column: number } | undefined {
  const { zoom } = tiling;
  const row = Math.floor((y % (rows * zoom + 1)) / zoom);
  const column = Math.floor((x % (columns * zoom + 1)) / zoom);
  const tile = Math.floor(y / (rows * zoom + 1)) * tiling.columns + Math.floor(x / (columns * zoom + 1));
  return row < rows && column < columns && tile < count ? { tile, row, column } : undefined;
}
