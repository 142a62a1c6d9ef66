// All maps of a layer on one canvas: hundreds of elements would take longer to make than their numbers to compute.
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { paint } from "../../model/colors";
import type { ValueRange } from "../../model/colors";
import { shownNumber } from "../../model/kernel";
import { gridLayout } from "../../model/grid_layout";
import type { GridLayout } from "../../model/grid_layout";
import { isZero, mapScale } from "../../model/layers";
import type { Maps } from "../../model/network_engine";
import type { ScaleOf } from "../../model/network_state";
import { savePng } from "../../parts/save_png";

interface Props {
  maps: Maps;
  scale: ScaleOf;
  chosen: number | undefined;
  names: string[]; // of units that are classes; else empty
  title: string;
  onPick: (channel: number) => void;
}

// Every map once, one pixel a value, row by row as in `layout`.
function atlasOf(maps: Maps, layout: GridLayout, scale: ScaleOf): HTMLCanvasElement {
  const [count = 0, rows = 0, columns = 0] = maps.shape;
  const atlas = document.createElement("canvas");
  atlas.width = layout.across * columns;
  atlas.height = Math.ceil(count / layout.across) * rows;
  const context = atlas.getContext("2d")!;
  const image = context.createImageData(atlas.width, atlas.height);
  const all = new Uint32Array(image.data.buffer);
  const pixels = new Uint32Array(rows * columns);
  for (let c = 0; c < count; c++) {
    paint(mapScale(maps, c, scale), maps.values, c * rows * columns, 1, pixels);
    const corner = Math.floor(c / layout.across) * rows * atlas.width + (c % layout.across) * columns;
    for (let r = 0; r < rows; r++) all.set(pixels.subarray(r * columns, (r + 1) * columns), corner + r * atlas.width);
  }
  context.putImageData(image, 0, 0);
  return atlas;
}

function draw(canvas: HTMLCanvasElement, props: Props, layout: GridLayout, atlas: HTMLCanvasElement, current: number): void {
  const { maps, chosen, names } = props;
  const [count = 0, rows = 0, columns = 0] = maps.shape;
  const style = getComputedStyle(canvas);
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(layout.width * ratio);
  canvas.height = Math.round(layout.height * ratio);
  const context = canvas.getContext("2d")!;
  context.scale(ratio, ratio);
  context.imageSmoothingEnabled = layout.cellWidth < columns;
  context.fillStyle = style.getPropertyValue("--text");
  context.font = `${layout.caption - 3}px system-ui, sans-serif`;
  context.textBaseline = "top";
  for (let c = 0; c < count; c++) {
    const { x, y } = layout.place(c);
    const [fromX, fromY] = [(c % layout.across) * columns, Math.floor(c / layout.across) * rows];
    context.drawImage(atlas, fromX, fromY, columns, rows, x, y + layout.caption, layout.cellWidth, layout.cellHeight);
    if (layout.caption > 0) {
      const zero = maps.rows * maps.columns > 1 && isZero(maps.maps[c]!) ? " zero" : "";
      context.fillText(`${names[c] ?? maps.channels[c]}${zero}`, x, y + 1, layout.cellWidth);
    }
  }
  const frame = (c: number, width: number) => {
    const { x, y } = layout.place(c);
    context.strokeStyle = style.getPropertyValue("--frame");
    context.lineWidth = width;
    context.strokeRect(x - 1, y + layout.caption - 1, layout.cellWidth + 2, layout.cellHeight + 2);
  };
  if (current >= 0) frame(current, 1);
  if (chosen !== undefined && chosen < count) frame(chosen, 3);
}

function rangeText(range: ValueRange): string {
  if (range.count === 1) return shownNumber(range.low);
  return isZero(range) ? "all zero" : `${shownNumber(range.low)} to ${shownNumber(range.high)}`;
}

export function MapsGrid(props: Props) {
  const { maps, scale, chosen, names, title } = props;
  const [width, setWidth] = useState(0);
  const [over, setOver] = useState(-1);
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const newest = useRef(chosen); // keys may come faster than the page follows
  newest.current = chosen;
  const count = maps.shape[0]!;

  useLayoutEffect(() => {
    const watch = new ResizeObserver(([entry]) => setWidth(Math.floor(entry!.contentRect.width)));
    watch.observe(box.current!);
    return () => watch.disconnect();
  }, []);

  const layout = useMemo(() => gridLayout(count, maps.shape[1]!, maps.shape[2]!, Math.max(width, 100)), [count, maps, width]);
  const atlas = useMemo(() => atlasOf(maps, layout, scale), [maps, layout, scale]);

  useLayoutEffect(() => {
    if (width === 0) return;
    draw(canvas.current!, props, layout, atlas, over);
    performance.mark("maps painted");
  }, [atlas, layout, chosen, over, width, names]);

  const at = (event: { clientX: number; clientY: number }) => {
    const area = canvas.current!.getBoundingClientRect();
    return layout.at(event.clientX - area.left, event.clientY - area.top);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const moves: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -layout.across, ArrowDown: layout.across };
    const move = moves[event.key];
    const from = newest.current;
    let to = from ?? 0;
    if (event.key === "Home") to = 0;
    else if (event.key === "End") to = count - 1;
    else if (move !== undefined && from !== undefined) to = Math.min(Math.max(from + move, 0), count - 1);
    else if (move === undefined && event.key !== "Enter") return;
    event.preventDefault();
    newest.current = to;
    props.onPick(to);
  };
  const named = (c: number) => names[c] ?? `${maps.channels[c]}`;
  const told = over >= 0 ? over : (chosen ?? -1);
  const range = maps.maps[told];
  return (
    <div class="maps-grid" ref={box}>
      <div
        class="grid-canvas"
        role="application"
        tabIndex={0}
        aria-label={`${count} maps of ${title}. Arrow keys choose one and enlarge it.`}
        onPointerMove={(event) => setOver(at(event))}
        onPointerLeave={() => setOver(-1)}
        onClick={(event) => {
          const index = at(event);
          if (index >= 0) props.onPick(index);
        }}
        onKeyDown={onKeyDown}
      >
        <canvas ref={canvas} style={{ width: `${layout.width}px`, height: `${layout.height}px` }} aria-hidden="true" />
      </div>
      <p class="facts grid-facts">
        <span role="status">
          {range
            ? `${names[told] ? "" : maps.rows * maps.columns > 1 ? "map " : "unit "}${named(told)}: ${rangeText(range)}`
            : `${count} ${maps.rows * maps.columns > 1 ? "maps" : "units"}${maps.step > 1 ? `, every ${maps.step}th row and column of each` : ""}`}
        </span>
        <button class="icon save" aria-label={`Save the maps of ${title} as PNG`} title="Save as PNG" onClick={() => savePng(canvas.current!, title.replace(/\W+/g, "_"))}>
          ⤓
        </button>
      </p>
    </div>
  );
}
