// A pad to draw on, with mouse, finger or keys.
import { useEffect, useRef, useState } from "preact/hooks";
import { drawingSide, drawingText, emptyDrawing, parseDrawing, stroke } from "../model/drawing";

// `text`: the drawing as it stands in a link; `onDraw` is called with the next one at each stroke.
export function DrawingPad({ text, onDraw }: { text: string; onDraw: (text: string) => void }) {
  const drawing = parseDrawing(text) ?? emptyDrawing();
  const newest = useRef(text); // strokes may come faster than the page follows
  newest.current = text;
  const last = useRef<{ x: number; y: number } | undefined>(undefined);
  const [brush, setBrush] = useState({ x: drawingSide / 2, y: drawingSide / 2 });

  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current!.getContext("2d")!;
    const image = context.createImageData(drawingSide, drawingSide);
    drawing.forEach((value, at) => image.data.set([value, value, value, 255], 4 * at));
    context.putImageData(image, 0, 0);
  }, [text]);

  const ink = (x: number, y: number) => {
    const from = last.current ?? { x, y };
    const steps = Math.max(1, Math.ceil(Math.hypot(x - from.x, y - from.y)));
    let next = parseDrawing(newest.current) ?? emptyDrawing();
    for (let i = 1; i <= steps; i++) {
      next = stroke(next, from.x + ((x - from.x) * i) / steps, from.y + ((y - from.y) * i) / steps);
    }
    last.current = { x, y };
    newest.current = drawingText(next);
    onDraw(newest.current);
  };
  const placeOf = (event: PointerEvent) => {
    const area = canvas.current!.getBoundingClientRect();
    return [
      ((event.clientX - area.left) / area.width) * drawingSide,
      ((event.clientY - area.top) / area.height) * drawingSide,
    ] as const;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const moves: Record<string, [number, number]> = {
      ArrowUp: [0, -1],
      ArrowDown: [0, 1],
      ArrowLeft: [-1, 0],
      ArrowRight: [1, 0],
    };
    const move = moves[event.key];
    if (!move && event.key !== " ") return;
    event.preventDefault();
    const within = (value: number) => Math.min(Math.max(value, 0.5), drawingSide - 0.5);
    const next = { x: within(brush.x + (move?.[0] ?? 0)), y: within(brush.y + (move?.[1] ?? 0)) };
    setBrush(next);
    last.current = event.shiftKey ? brush : undefined;
    if (event.key === " " || event.shiftKey) ink(next.x, next.y);
  };
  return (
    <div class="pad">
      <div
        class="map"
        role="application"
        tabIndex={0}
        aria-label="Drawing pad. Arrow keys move the brush, Space puts a dot, Shift with an arrow key draws."
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          last.current = undefined;
          ink(...placeOf(event));
        }}
        onPointerMove={(event) => event.buttons > 0 && ink(...placeOf(event))}
        onKeyDown={onKeyDown}
      >
        <canvas ref={canvas} class="crisp" width={drawingSide} height={drawingSide} aria-hidden="true" />
        <div
          class="brush"
          style={{ left: `${(100 * brush.x) / drawingSide}%`, top: `${(100 * brush.y) / drawingSide}%` }}
        />
      </div>
      <button onClick={() => onDraw(drawingText(emptyDrawing()))}>Clear</button>
    </div>
  );
}
