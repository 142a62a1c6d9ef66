// The filters of a layer: planes of numbers of a convolution, one matrix of a dense layer, and how its weights are spread.
import { useEffect, useMemo, useRef } from "preact/hooks";
import { paint, scaleFor } from "../../model/colors";
import type { Scale } from "../../model/colors";
import { gridLayout } from "../../model/grid_layout";
import { shownNumber } from "../../model/kernel";
import type { Filters } from "../../model/network_engine";
import { savePng } from "../../parts/save_png";
import { ScaleBar } from "../../parts/scale_bar";
import type { Store } from "./store";

const mostPlanes = 1024;

// What is painted: of few input channels each filter's planes side by side; of a dense layer all in one matrix.
interface Planes {
  rows: number;
  columns: number;
  count: number;
  at: (index: number, row: number, column: number) => number;
  name: (index: number) => string;
  told: string;
}

function planesOf(filters: Filters): Planes {
  const [count, channels, rows, columns] = filters.shape as [number, number, number, number];
  const { values } = filters;
  if (rows * columns === 1) {
    return {
      rows: count,
      columns: channels,
      count: 1,
      at: (_, row, column) => values[row * channels + column]!,
      name: () => "",
      told: `one row a unit, ${count}, one column an input, ${channels}`,
    };
  }
  const shownChannels = Math.min(channels, Math.max(1, Math.floor(mostPlanes / count)));
  const shown = Math.min(count, mostPlanes);
  return {
    rows,
    columns,
    count: shown * shownChannels,
    at: (index, row, column) => {
      const filter = Math.floor(index / shownChannels);
      return values[((filter * channels + (index % shownChannels)) * rows + row) * columns + column]!;
    },
    name: (index) => (shownChannels > 1 ? `${Math.floor(index / shownChannels)},${index % shownChannels}` : `${index}`),
    told:
      shownChannels > 1 || channels > 1
        ? `${shown} filters on ${shownChannels === channels ? `${channels}` : `the first ${shownChannels} of ${channels}`} input channels: filter, channel`
        : `${shown} filters`,
  };
}

function paintPlanes(canvas: HTMLCanvasElement, planes: Planes, scale: Scale, width: number): void {
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
  if (planes.count === 1) {
    const height = Math.min(Math.max(planes.rows * Math.max(1, Math.floor(width / planes.columns)), 60), 480);
    size(width, height);
    load(0);
    context.drawImage(plane, 0, 0, width, height);
    return;
  }
  const layout = gridLayout(planes.count, planes.rows, planes.columns, width);
  size(layout.width, layout.height);
  context.fillStyle = getComputedStyle(canvas).getPropertyValue("--text");
  context.font = `${layout.caption - 3}px system-ui, sans-serif`;
  context.textBaseline = "top";
  for (let index = 0; index < planes.count; index++) {
    load(index);
    const { x, y } = layout.place(index);
    context.drawImage(plane, x, y + layout.caption, layout.cellWidth, layout.cellHeight);
    context.fillText(planes.name(index), x, y + 1, layout.cellWidth);
  }
}

export function FiltersPanel({ store }: { store: Store }) {
  const filters = store.filters.value;
  const canvas = useRef<HTMLCanvasElement>(null);
  const planes = useMemo(() => filters && planesOf(filters), [filters]);
  const scale = useMemo(() => filters && scaleFor(filters.range, "both"), [filters]);
  useEffect(() => {
    if (!planes || !scale) return;
    paintPlanes(canvas.current!, planes, scale, canvas.current!.parentElement!.clientWidth);
  }, [planes, scale]);
  if (!filters || !planes || !scale) return <p class="hint waiting">…</p>;
  const { filters: facts, shown } = filters;
  const alike = facts.near_duplicates;
  return (
    <div class="filters">
      <ScaleBar scale={scale} remark="one scale for all filters; zero is neutral" />
      <div class="filter-canvas">
        <canvas ref={canvas} role="img" aria-label={`Filters of ${filters.name}: ${planes.told}`} />
      </div>
      <p class="facts grid-facts">
        <span>
          {planes.told}
          {shown.filters < facts.filters || shown.channels < facts.channels ? ` (the first of ${facts.filters} × ${facts.channels})` : ""}
        </span>
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
