// One chart of curves over steps: each step thin, their mean thick, the validation as points.
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Lines } from "../../model/curve_lines";
import { shownNumber } from "../../model/kernel";
import { savePng } from "../../parts/save_png";
import { lineStyle, useColours } from "./theme";
import type { Colours } from "./theme";

interface Props {
  title: string;
  file: string; // of a saved picture
  names: string[]; // of runs
  steps: number[];
  lines: Lines[];
  width: number; // of the mean, steps
  log: boolean;
  percent: boolean;
  summary: string; // for who does not see it
}

const height = 250;

// 1, 2 or 5 times a power of ten: what is written on a log axis.
function isRound(value: number): boolean {
  return [1, 2, 5].includes(Math.round(value / 10 ** Math.floor(Math.log10(value) + 1e-9)));
}

function optionsOf(props: Props, colours: Colours, width: number): uPlot.Options {
  const font = "12px system-ui, sans-serif";
  const axis = { stroke: colours.soft, font, labelFont: font, labelSize: 16, grid: { stroke: colours.line, width: 1 }, ticks: { stroke: colours.line, width: 1 } };
  const numberText = (value: number) => (props.percent ? `${Number((100 * value).toPrecision(4))} %` : shownNumber(value, 3));
  const series: uPlot.Series[] = [{ label: "step", value: (_, step) => (step === null ? "–" : step.toLocaleString("en")) }];
  const value = (_: uPlot, v: number | null) => (v === null ? "–" : props.percent ? `${(100 * v).toFixed(1)} %` : shownNumber(v, 4));
  const markerDash: CSSStyleDeclaration["borderStyle"][] = ["none"];
  props.names.forEach((name, i) => {
    const { colour, dash } = lineStyle(i, colours.dark);
    const points = { show: false };
    if (i === 0) markerDash.push("solid");
    markerDash.push(["solid", "dashed", "dotted"][i % 3]!, "dotted");
    if (i === 0) series.push({ label: "each step", stroke: `${colour}55`, width: 1, points, value });
    series.push({ label: name, stroke: colour, width: 2.5, dash, points, value });
    series.push({ label: `${props.names.length > 1 ? `${name}, ` : ""}validation`, stroke: colour, width: 1.5, dash: [2, 3], spanGaps: true, points: { show: true, size: 9, stroke: colour, fill: colours.card, width: 2 }, value });
  });
  return {
    width,
    height,
    series,
    legend: { markers: { width: 3, dash: (_, i) => markerDash[i] ?? "solid" } },
    cursor: { sync: { key: "train" }, points: { size: 7 }, drag: { x: true, y: false } },
    scales: {
      x: { time: false },
      y: props.log ? { distr: 3, range: (_, low, high) => [low / 1.1, high * 1.1] } : props.percent ? { range: (_, low, high) => [Math.max(0, Math.min(low, 0.9) - 0.02), Math.min(1, Math.max(high, low + 0.05))] } : {},
    },
    axes: [
      { ...axis, label: "step", size: 30, values: (_, ticks) => ticks.map((tick) => tick.toLocaleString("en")) },
      { ...axis, label: props.title.toLowerCase(), size: 58, filter: (_, ticks) => ticks.map((tick) => (props.log && !isRound(tick) ? null : tick)), values: (_, ticks) => ticks.map((tick) => (tick === null ? "" : numberText(tick))) },
    ],
  };
}

function dataOf({ steps, lines }: Props): uPlot.AlignedData {
  return [steps, ...lines.flatMap(({ raw, smooth, validation }, i) => [...(i === 0 ? [raw] : []), smooth, validation])] as uPlot.AlignedData;
}

// The chart with its title and legend, as a picture of its own.
function asPicture(chart: uPlot, title: string, colours: Colours): HTMLCanvasElement {
  const from = chart.ctx.canvas;
  const scale = from.width / chart.width;
  const canvas = document.createElement("canvas");
  const top = 26;
  const bottom = 20 * (chart.series.length - 1) + 8;
  canvas.width = from.width;
  canvas.height = from.height + (top + bottom) * scale;
  const context = canvas.getContext("2d")!;
  context.fillStyle = colours.card;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(from, 0, top * scale);
  context.scale(scale, scale);
  context.fillStyle = colours.text;
  context.font = "600 14px system-ui, sans-serif";
  context.fillText(title, 12, 18);
  context.font = "12px system-ui, sans-serif";
  chart.series.slice(1).forEach((series, i) => {
    const y = top + chart.height + 14 + 20 * i;
    context.strokeStyle = (series.stroke as unknown as () => string)();
    context.lineWidth = series.width ?? 1;
    context.setLineDash((series.dash as number[] | undefined) ?? []);
    context.beginPath();
    context.moveTo(14, y - 4);
    context.lineTo(48, y - 4);
    context.stroke();
    context.fillText(String(series.label), 56, y);
  });
  return canvas;
}

export function CurveChart(props: Props) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot>(undefined);
  const colours = useColours();
  const data = dataOf(props);
  const kind = JSON.stringify([props.names, props.log, props.width, colours]);

  useEffect(() => {
    const element = place.current!;
    const made = new uPlot(optionsOf(props, colours, element.clientWidth), data, element);
    chart.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      chart.current = undefined;
    };
  }, [kind]);
  useEffect(() => {
    chart.current?.setData(data);
  }, [props.steps, props.lines]);

  return (
    <figure class="chart">
      <figcaption>
        <strong>{props.title}</strong>
        <button
          class="icon save"
          aria-label={`Save ${props.title} as PNG`}
          title="Save as PNG"
          onClick={() => chart.current && savePng(asPicture(chart.current, `${props.title}: ${props.names.join(", ")}`, colours), props.file)}
        >
          ⤓
        </button>
      </figcaption>
      <div ref={place} class="plot" role="group" aria-label={props.summary} />
    </figure>
  );
}
