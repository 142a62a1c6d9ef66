// Colours over a picture, so that both can be seen.
import type { Tensor } from "./engine";

// Mixes `share` (0 to 1) of the picture (rows, columns, 1 or 3), as grey, into pixels of a canvas.
export function blend(pixels: Uint32Array, picture: Tensor, share: number): void {
  if (share <= 0) return;
  const channels = picture.shape[2] ?? 1;
  const { values } = picture;
  const bytes = new Uint8ClampedArray(pixels.buffer, pixels.byteOffset, pixels.byteLength);
  for (let i = 0; i < pixels.length; i++) {
    const at = i * channels;
    const grey = channels === 3 ? 0.299 * values[at]! + 0.587 * values[at + 1]! + 0.114 * values[at + 2]! : values[at]!;
    for (let c = 0; c < 3; c++) bytes[4 * i + c] = (1 - share) * bytes[4 * i + c]! + share * 255 * grey;
  }
}
