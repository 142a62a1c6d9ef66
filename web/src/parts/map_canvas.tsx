// A map of numbers as a picture that can be pointed at, with mouse, finger or keys, and frames on it.
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

// In values of the whole map.
export interface Box {
  row: number;
  column: number;
  rows: number;
  columns: number;
  kind: "window" | "pixel" | "reach";
}

interface Props {
  label: string;
  rows: number; // of the whole map
  columns: number;
  shownRows: number; // of what is painted
  shownColumns: number;
  step: number; // one painted value for so many
  paint: (pixels: Uint32Array) => void;
  boxes: Box[];
  hiddenFrom?: number | undefined; // outputs from here on, counted row by row, are covered
  at?: { row: number; column: number } | undefined; // what the keys move
  // Without these it is a picture and nothing else.
  onPoint?: (place: { row: number; column: number } | undefined) => void;
  onPick?: (place: { row: number; column: number }) => void;
  onCanvas?: (canvas: HTMLCanvasElement) => void;
  children?: ComponentChildren;
}

export function MapCanvas(props: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { rows, columns, shownRows, shownColumns, step } = props;

  useLayoutEffect(() => {
    const element = canvas.current!;
    if (element.width !== shownColumns) element.width = shownColumns;
    if (element.height !== shownRows) element.height = shownRows;
    const context = element.getContext("2d")!;
    const image = context.createImageData(shownColumns, shownRows);
    props.paint(new Uint32Array(image.data.buffer));
    context.putImageData(image, 0, 0);
    props.onCanvas?.(element);
  }, [props.paint, shownRows, shownColumns]);

  const placeOf = (event: PointerEvent) => {
    const area = canvas.current!.getBoundingClientRect();
    const within = (part: number, shown: number, all: number) =>
      Math.min(Math.max(Math.floor(part * shown), 0) * step, all - 1);
    return {
      row: within((event.clientY - area.top) / area.height, shownRows, rows),
      column: within((event.clientX - area.left) / area.width, shownColumns, columns),
    };
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const stride = event.shiftKey ? 10 : 1;
    const moves: Record<string, [number, number]> = {
      ArrowUp: [-stride, 0],
      ArrowDown: [stride, 0],
      ArrowLeft: [0, -stride],
      ArrowRight: [0, stride],
    };
    const move = moves[event.key];
    if (event.key === "Escape") props.onPoint?.(undefined);
    if (!move && event.key !== "Enter") return;
    event.preventDefault();
    const from = props.at ?? { row: Math.floor(rows / 2), column: Math.floor(columns / 2) };
    const clamp = (value: number, most: number) => Math.min(Math.max(value, 0), most - 1);
    const [down, right] = props.at && move ? move : [0, 0];
    props.onPick?.({ row: clamp(from.row + down, rows), column: clamp(from.column + right, columns) });
  };

  const part = (value: number, all: number) => `${(100 * value) / all}%`;
  const [coverRows, coverColumns] = [shownRows * step, shownColumns * step];
  const place = (row: number, column: number, height: number, width: number) => ({
    top: part(row, coverRows),
    left: part(column, coverColumns),
    height: part(height, coverRows),
    width: part(width, coverColumns),
  });
  const hidden = props.hiddenFrom;
  const handlers = props.onPick && {
    role: "application" as const,
    tabIndex: 0,
    "aria-label": `${props.label}. Arrow keys move the value that is explained, with Shift by ten; Enter starts in the middle.`,
    onPointerMove: (event: PointerEvent) => props.onPoint?.(placeOf(event)),
    onPointerLeave: () => props.onPoint?.(undefined),
    onClick: (event: MouseEvent) => props.onPick?.(placeOf(event as unknown as PointerEvent)),
    onKeyDown,
  };
  return (
    <div
      class={`map ${handlers ? "" : "still"}`}
      style={{ aspectRatio: `${columns} / ${rows}`, "--ratio": columns / rows }}
      {...(handlers ?? { role: "img" as const, "aria-label": props.label })}
    >
      <canvas ref={canvas} class={shownColumns < 300 ? "crisp" : ""} aria-hidden="true" />
      {hidden !== undefined && (
        <>
          <div class="cover" style={place(Math.floor(hidden / columns), hidden % columns, 1, columns - (hidden % columns))} />
          <div class="cover" style={place(Math.floor(hidden / columns) + 1, 0, rows - Math.floor(hidden / columns) - 1, columns)} />
        </>
      )}
      {props.boxes.map((box) => (
        <div class={`box ${box.kind}`} style={place(box.row, box.column, box.rows, box.columns)} />
      ))}
      {props.children}
    </div>
  );
}
