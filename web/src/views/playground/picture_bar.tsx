// Which picture: a bundled one, one of the user's (opened, dropped, pasted), or a drawing.
import { useEffect, useRef, useState } from "preact/hooks";
import { drawingSide, drawingText, emptyDrawing, parseDrawing, stroke } from "../../model/drawing";
import { Choice } from "../../parts/fields";
import type { Store } from "./store";

export function PictureBar({ store }: { store: Store }) {
  const file = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const state = store.state.value;
  const drawing = parseDrawing(state.picture);
  const sent = state.picture.startsWith("sent-");

  const take = async (list: FileList | null | undefined) => {
    const one = [...(list ?? [])].find(({ type }) => type.startsWith("image/")) ?? list?.[0];
    if (one) await store.open(new Uint8Array(await one.arrayBuffer()), one.name);
  };

  useEffect(() => {
    const drop = (event: DragEvent) => {
      event.preventDefault();
      setOver(false);
      void take(event.dataTransfer?.files);
    };
    const drag = (event: DragEvent) => {
      event.preventDefault();
      setOver(event.type === "dragover");
    };
    const paste = (event: ClipboardEvent) => {
      if (event.clipboardData?.files.length) void take(event.clipboardData.files);
    };
    window.addEventListener("drop", drop);
    window.addEventListener("dragover", drag);
    window.addEventListener("dragleave", drag);
    window.addEventListener("paste", paste);
    return () => {
      window.removeEventListener("drop", drop);
      window.removeEventListener("dragover", drag);
      window.removeEventListener("dragleave", drag);
      window.removeEventListener("paste", paste);
    };
  }, []);

  const bundled = store.pictures.value.map((name) => [name, name.replace(/_/g, " ").replace("train ", "digit ")] as const);
  const own = sent ? [[state.picture, store.files.get(state.picture) ?? "your picture"] as const] : [];
  const drawn = drawing ? [[state.picture, "drawing"] as const] : [];
  return (
    <div class={`picture-bar ${over ? "over" : ""}`}>
      <Choice
        label="Picture"
        value={state.picture}
        options={[...own, ...drawn, ...bundled]}
        onChange={(picture) => store.set({ picture, place: undefined })}
      />
      <div class="buttons">
        <button onClick={() => file.current?.click()}>Open…</button>
        <button
          aria-pressed={drawing !== undefined}
          onClick={() => store.set({ picture: drawingText(emptyDrawing()), colour: "grey", place: undefined })}
        >
          Draw
        </button>
      </div>
      <input
        ref={file}
        type="file"
        accept="image/*"
        hidden
        aria-label="Picture file"
        onChange={(event) => {
          void take(event.currentTarget.files);
          event.currentTarget.value = "";
        }}
      />
      <p class="hint">{over ? "Let go to open it" : "or drop or paste one"}</p>
      {drawing && <DrawingPad store={store} />}
    </div>
  );
}

function DrawingPad({ store }: { store: Store }) {
  const drawing = parseDrawing(store.state.value.picture)!;
  const last = useRef<{ x: number; y: number } | undefined>(undefined);
  const [brush, setBrush] = useState({ x: drawingSide / 2, y: drawingSide / 2 });
  const text = store.state.value.picture;

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
    let next = parseDrawing(store.state.value.picture) ?? emptyDrawing();
    for (let i = 1; i <= steps; i++) {
      next = stroke(next, from.x + ((x - from.x) * i) / steps, from.y + ((y - from.y) * i) / steps);
    }
    last.current = { x, y };
    store.set({ picture: drawingText(next) });
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
      <button onClick={() => store.set({ picture: drawingText(emptyDrawing()) })}>Clear</button>
    </div>
  );
}
