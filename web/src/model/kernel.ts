// A kernel as numbers that can be edited: planes of rows and columns, one plane, or one for each channel.

export interface Matrix {
  rows: number;
  columns: number;
  channels: number; // 1: the kernel runs on each channel alone
  values: number[]; // (rows, columns, channels)
}

export const mostSide = 15;

export function matrixOf(shape: number[], values: ArrayLike<number>): Matrix {
  const [rows = 1, columns = 1, channels = 1] = shape;
  return { rows, columns, channels, values: Array.from(values).slice(0, rows * columns * channels) };
}

export function valueAt(m: Matrix, row: number, column: number, channel: number): number {
  return m.values[(row * m.columns + column) * m.channels + channel]!;
}

function make(
  rows: number,
  columns: number,
  channels: number,
  value: (row: number, column: number, channel: number) => number,
): Matrix {
  const values: number[] = [];
  for (let r = 0; r < rows; r++) {
    for (let s = 0; s < columns; s++) {
      for (let c = 0; c < channels; c++) values.push(value(r, s, c) || 0); // never -0
    }
  }
  return { rows, columns, channels, values };
}

export function withValue(m: Matrix, row: number, column: number, channel: number, value: number): Matrix {
  const values = m.values.slice();
  values[(row * m.columns + column) * m.channels + channel] = value;
  return { ...m, values };
}

export function mirrored(m: Matrix): Matrix {
  return make(m.rows, m.columns, m.channels, (r, s, c) => valueAt(m, r, m.columns - 1 - s, c));
}

export function upsideDown(m: Matrix): Matrix {
  return make(m.rows, m.columns, m.channels, (r, s, c) => valueAt(m, m.rows - 1 - r, s, c));
}

// Clockwise, by a quarter.
export function rotated(m: Matrix): Matrix {
  return make(m.columns, m.rows, m.channels, (r, s, c) => valueAt(m, m.rows - 1 - s, r, c));
}

export function negated(m: Matrix): Matrix {
  return make(m.rows, m.columns, m.channels, (r, s, c) => -valueAt(m, r, s, c));
}

// Divided by its sum; where that is zero, by half the sum of sizes, so that positive ones add up to 1.
export function normalised(m: Matrix): Matrix {
  const sum = m.values.reduce((total, value) => total + value, 0);
  const sizes = m.values.reduce((total, value) => total + Math.abs(value), 0);
  const divisor = Math.abs(sum) > 1e-6 * sizes ? sum : sizes / 2;
  return divisor === 0 ? m : make(m.rows, m.columns, m.channels, (r, s, c) => Math.fround(valueAt(m, r, s, c) / divisor));
}

// Grown or cut about its middle; what is new is zero.
export function resized(m: Matrix, rows: number, columns: number): Matrix {
  const top = Math.floor((rows - m.rows) / 2);
  const left = Math.floor((columns - m.columns) / 2);
  return make(rows, columns, m.channels, (r, s, c) => {
    const [row, column] = [r - top, s - left];
    const inside = row >= 0 && row < m.rows && column >= 0 && column < m.columns;
    return inside ? valueAt(m, row, column, c) : 0;
  });
}

// The same plane for each of so many channels, or the first plane alone.
export function withChannels(m: Matrix, channels: number): Matrix {
  return make(m.rows, m.columns, channels, (r, s, c) => valueAt(m, r, s, Math.min(c, m.channels - 1)));
}

// A number as it is written: the shortest text that is the same float32.
export function numberText(value: number): string {
  const single = Math.fround(value);
  for (let digits = 1; digits < 9; digits++) {
    const text = single.toPrecision(digits);
    if (Math.fround(Number(text)) === single) return String(Number(text));
  }
  return String(single);
}

// A number as it is shown: so many digits, no longer than needed.
export function shownNumber(value: number, digits = 4): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "inf" : "-inf";
  return String(Number(value.toPrecision(digits)));
}

// "[[1,2],[3,4]]", which the engine reads; with several channels "[[[1,0,0],...]]".
export function literal(m: Matrix): string {
  const rows: string[] = [];
  for (let r = 0; r < m.rows; r++) {
    const cells: string[] = [];
    for (let s = 0; s < m.columns; s++) {
      const cell = Array.from({ length: m.channels }, (_, c) => numberText(valueAt(m, r, s, c)));
      cells.push(m.channels === 1 ? cell[0]! : `[${cell.join(",")}]`);
    }
    rows.push(`[${cells.join(",")}]`);
  }
  return `[${rows.join(",")}]`;
}

// A literal as `literal` writes it; undefined for another text.
export function parseLiteral(text: string): Matrix | undefined {
  let nested: unknown;
  try {
    nested = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!Array.isArray(nested) || !Array.isArray(nested[0])) return undefined;
  const rows = nested as unknown[][];
  const columns = rows[0]!.length;
  const deep = Array.isArray(rows[0]![0]);
  const channels = deep ? (rows[0]![0] as unknown[]).length : 1;
  const values = rows.flat(2);
  const whole = values.length === rows.length * columns * channels && values.length > 0;
  if (!whole || !values.every((value) => typeof value === "number" && Number.isFinite(value))) return undefined;
  return { rows: rows.length, columns, channels, values: values as number[] };
}

// A preset and its arguments, "gaussian:5:1.5"; undefined for another text.
export function parsePreset(text: string): { name: string; given: string[] } | undefined {
  const [name = "", ...given] = text.split(":");
  return /^[a-z][a-z0-9-]*$/.test(name) ? { name, given } : undefined;
}
