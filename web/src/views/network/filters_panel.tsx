// The filters of a layer: planes of numbers of a convolution, one matrix of a dense layer, and how its weights are spread.
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { paint, scaleFor } from "../../model/colors";
import type { Scale } from "../../model/colors";
import { filterPlanes } from "../../model/filter_planes";
import type { FilterPlanes } from "../../model/filter_planes";
import { gridLayout } from "../../model/grid_layout";
import { shownNumber } from "../../model/kernel";
import { beyondText } from "../../model/layers";
import type { Filters } from "../../model/network_engine";
import { savePng } from "../../parts/save_png";
import { ScaleBar } from "../../parts/scale_bar";
import type { Store } from "./store";

function paintPlanes(canvas: HTMLCanvasElement, planes: FilterPlanes, scale: Scale, width: number): void {
  const ratio = window.devicePixelRatio || 1;
  const context = canvas.getContext("2d")!;
  const numbers = new Float32Array(planes.rows * planes.columns);
  const plane = document.createElement("canvas");
  plane.width = planes.columns;
  plane.height = planes.rows;
  const inner = plane.getContext("2d")!;
  const image = inner.createImageData(planes.columns, planes.rows);
  const load = (index: number) => {
    for (let r = 0; r < planes.rows; r++) {
      for (let s = 0; s < planes.columns; s++) numbers[r * planes.columns + s] = planes.at(index, r, s);
    }
    paint(scale, numbers, 0, 1, new Uint32Array(image.data.buffer));
    inner.putImageData(image, 0, 0);
  };
  const size = (w: number, h: number) => {
    canvas.width = Math.round(w * ratio);
    canvas.height = Math.round(h * ratio);
    canvas.style.width = `${w}px`;
    canvas.style.height = `${h}px`;
    context.scale(ratio, ratio);
    context.imageSmoothingEnabled = false;
  };
  const count = planes.down * planes.across;
  if (planes.kind === "matrix") {
    const gap = count > 1 ? 1 : 0;
    const step = (width + gap) / planes.across;
    const side = Math.min(count > 1 ? Math.floor(step) - gap : width, 8 * planes.columns);
    const height = count > 1 ? Math.round((side * planes.rows) / planes.columns) : Math.min(Math.max(planes.rows * 2, 60), 480);
    size(planes.across * (side + gap), planes.down * (height + gap));
    for (let index = 0; index < count; index++) {
      load(index);
      context.drawImage(plane, (index % planes.across) * (side + gap), Math.floor(index / planes.across) * (height + gap), side, height);
    }
    return;
  }
  const layout = gridLayout(count, planes.rows, planes.columns, width);
  size(layout.width, layout.height);
  context.fillStyle = getComputedStyle(canvas).getPropertyValue("--text");
  context.font = `${layout.caption - 3}px system-ui, sans-serif`;
  context.textBaseline = "top";
  for (let index = 0; index < count; index++) {
    load(index);
    const { x, y } = layout.place(index);
    context.drawImage(plane, x, y + layout.caption, layout.cellWidth, layout.cellHeight);
    context.fillText(planes.name(index), x, y + 1, layout.cellWidth);
  }
}

export function FiltersPanel({ store }: { store: Store }) {
  const filters = store.filters.value;
  const canvas = useRef<HTMLCanvasElement>(null);
  const [width, setWidth] = useState(600);
  const planes = useMemo(() => filters && filterPlanes(filters, width), [filters, width]);
  const scale = useMemo(() => filters && scaleFor(filters.range, "both"), [filters]);
  useLayoutEffect(() => {
    if (!planes || !scale) return;
    const room = canvas.current!.parentElement!.clientWidth;
    if (room !== width) setWidth(room);
    else paintPlanes(canvas.current!, planes, scale, width);
  }, [planes, scale, width]);
  if (!filters || !planes || !scale) return <p class="hint waiting">…</p>;
  const { filters: facts } = filters;
  const alike = facts.near_duplicates;
  return (
    <div class="filters">
      <ScaleBar scale={scale} remark={["one scale for all filters; zero is neutral", beyondText(scale, filters.range)].filter(Boolean).join("; ")} />
      <div class="filter-canvas">
        <canvas ref={canvas} role="img" aria-label={`Filters of ${filters.name}: ${planes.told}`} />
      </div>
      <p class="facts grid-facts">
        <span>{planes.told}</span>
        <button class="icon save" aria-label="Save the filters as PNG" title="Save as PNG" onClick={() => savePng(canvas.current!, "filters")}>
          ⤓
        </button>
      </p>
      <Histogram filters={filters} />
      <p class="facts">
        {shownNumber(filters.minimum)} to {shownNumber(filters.maximum)}, mean {shownNumber(filters.mean, 3)}, deviation {shownNumber(filters.deviation, 3)}
        {facts.dead.length > 0 ? `; ${facts.dead.length} filters are all zero` : ""}
        {alike && alike.length > 0 ? `; ${alike.length} pairs are nearly the same, first ${alike[0]!.filters.join(" and ")} (cosine ${shownNumber(alike[0]!.cosine, 3)})` : ""}
      </p>
    </div>
  );
}

function Histogram({ filters }: { filters: Filters }) {
  const { low, high, counts } = filters.histogram;
  const most = Math.max(...counts, 1);
  return (
    <figure class="histogram">
      <figcaption class="facts">How its weights are spread (most in a bar: {most.toLocaleString("en")})</figcaption>
      <div class="bars" role="img" aria-label={`Histogram of weights from ${shownNumber(low, 3)} to ${shownNumber(high, 3)}`}>
        {counts.map((count, index) => (
          <span key={index} style={{ height: `${(100 * count) / most}%` }} />
        ))}
      </div>
      <div class="ends facts">
        <span>{shownNumber(low, 3)}</span>
        <span>{shownNumber(high, 3)}</span>
      </div>
    </figure>
  );
}
