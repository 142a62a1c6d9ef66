// The drawing pad: a small square of grey, white on black as handwritten digits are, and its text in a link.
import { greyPng } from "./png";

export const drawingSide = 28;
const levels = 15; // a pixel is one hexadecimal digit in a link

export type Drawing = Uint8Array; // (28, 28), 0 to 255

export function emptyDrawing(): Drawing {
  return new Uint8Array(drawingSide * drawingSide);
}

// A round brush at (x, y) in pixels; what is there stays as bright as it was.
export function stroke(drawing: Drawing, x: number, y: number, radius = 1.3): Drawing {
  const next = drawing.slice();
  for (let row = 0; row < drawingSide; row++) {
    for (let column = 0; column < drawingSide; column++) {
      const distance = Math.hypot(column + 0.5 - x, row + 0.5 - y);
      const ink = Math.min(Math.max(radius + 0.5 - distance, 0), 1);
      const at = row * drawingSide + column;
      const level = Math.round(ink * levels) * (255 / levels);
      next[at] = Math.max(next[at]!, level);
    }
  }
  return next;
}

// "drawing:" and runs: a digit, and how often where that is more than once ("0r784." ...).
export function drawingText(drawing: Drawing): string {
  let text = "drawing:";
  for (let at = 0; at < drawing.length; ) {
    let end = at;
    while (end < drawing.length && drawing[end] === drawing[at]) end++;
    const digit = Math.round(drawing[at]! / (255 / levels)).toString(16);
    text += digit + (end - at > 1 ? `r${(end - at).toString(36)}.` : "");
    at = end;
  }
  return text;
}

// Undefined where the text is none.
export function parseDrawing(text: string): Drawing | undefined {
  if (!text.startsWith("drawing:")) return undefined;
  const drawing = emptyDrawing();
  let at = 0;
  for (const [, digit, run] of text.slice(8).matchAll(/([0-9a-f])(?:r([0-9a-z]+)\.)?/g)) {
    const count = run ? parseInt(run, 36) : 1;
    const end = Math.min(at + count, drawing.length);
    drawing.fill(parseInt(digit!, 16) * (255 / levels), at, end);
    at = end;
  }
  return drawing;
}

export function drawingPng(drawing: Drawing): Uint8Array<ArrayBuffer> {
  return greyPng(drawingSide, drawingSide, drawing);
}
