// Where the maps of a layer stand on one canvas: how many in a row, and how large. Lengths in CSS pixels.

export interface GridLayout {
  across: number;
  cellWidth: number;
  cellHeight: number;
  caption: number; // above each map
  width: number;
  height: number;
  place(index: number): { x: number; y: number }; // the corner of caption and map
  at(x: number, y: number): number; // the map there; -1: none
}

const gap = 6;
const least = 34; // the width of a map with its number above

// As large as a screen of about one and a half times the width holds, between 34 and 150 pixels.
export function gridLayout(count: number, rows: number, columns: number, width: number): GridLayout {
  const ratio = rows / columns;
  const units = rows * columns === 1;
  const caption = 14;
  const heightOf = (side: number) => Math.max(side * (units ? 0.5 : ratio), 6);
  let cell = Math.min(units ? 56 : 150, width - 2);
  const acrossFor = (side: number) => Math.max(1, Math.floor((width - 2 + gap) / (side + gap)));
  const tall = (side: number) => Math.ceil(count / acrossFor(side)) * (heightOf(side) + caption + gap);
  while (cell > least && tall(cell) > Math.max(0.75 * width, 420)) cell -= 2;
  const across = Math.min(acrossFor(cell), count);
  const cellHeight = Math.round(heightOf(cell));
  const [stepX, stepY] = [cell + gap, cellHeight + caption + gap];
  const place = (index: number) => ({ x: 1 + (index % across) * stepX, y: Math.floor(index / across) * stepY });
  return {
    across,
    cellWidth: cell,
    cellHeight,
    caption,
    width: across * stepX - gap + 2,
    height: Math.ceil(count / across) * stepY,
    place,
    at(x, y) {
      const [column, row] = [Math.floor((x - 1) / stepX), Math.floor(y / stepY)];
      const index = row * across + column;
      const outside = column < 0 || column >= across || row < 0 || x - 1 - column * stepX > cell || y - row * stepY > caption + cellHeight;
      return outside || index >= count ? -1 : index;
    },
  };
}
