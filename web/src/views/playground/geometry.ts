// How places of one stage lie over those of another, for the frames on the maps.
import type { Filtered, Stage } from "../../model/engine";
import type { Matrix } from "../../model/kernel";
import { pairOf, paddingOf, sourceOf, stageNames } from "../../model/state";
import type { Place, State } from "../../model/state";
import { axisOf, outLength, placesUnder, reachedBy } from "../../model/window";
import type { Axis } from "../../model/window";
import type { Box } from "../../parts/map_canvas";

export function stageOf(filtered: Filtered | undefined, name: string): Stage | undefined {
  return filtered?.stages.find((stage) => stage.name === name);
}

// Rows and columns of the window that a stage slides over its source; undefined while a field is being typed into, and
// for an activation, which has none.
export function axesOf(state: State, filtered: Filtered, matrix: Matrix, stage: string): [Axis, Axis] | undefined {
  const padding = paddingOf(state.padding);
  const source = stageOf(filtered, sourceOf(state, stage));
  if (!padding || !source || stage === "activation") return undefined;
  const [, rows, columns] = source.shape as [number, number, number, number];
  if (stage === "conv") {
    const [stride, dilation] = [pairOf(state.stride), pairOf(state.dilation)];
    if (!stride || !dilation) return undefined;
    return [
      axisOf(rows, matrix.rows, stride[0], dilation[0], padding[0]),
      axisOf(columns, matrix.columns, stride[1], dilation[1], padding[1]),
    ];
  }
  const pool = state.pools[stageNames(state).indexOf(stage) - (state.activation ? 2 : 1)];
  const [size, stride] = [pairOf(pool?.size ?? ""), pairOf(pool?.stride ?? "")];
  if (!size || !stride) return undefined;
  const own = state.padding === "same" ? "same" : "valid"; // as the engine pads pools
  return [axisOf(rows, size[0], stride[0], 1, own), axisOf(columns, size[1], stride[1], 1, own)];
}

// The part of a window that lies on the map.
function clipped(first: [number, number], second: [number, number], axes: [Axis, Axis]): Box {
  const row = Math.max(first[0], 0);
  const column = Math.max(second[0], 0);
  return {
    row,
    column,
    rows: Math.min(first[1], axes[0].in - 1) - row + 1,
    columns: Math.min(second[1], axes[1].in - 1) - column + 1,
    kind: "window",
  };
}

// The frame of a value, and of all that it is made of, by stage; "input" is a stage too.
export function framesUnder(state: State, filtered: Filtered, matrix: Matrix, place: Place): Map<string, Box[]> {
  const frames = new Map<string, Box[]>();
  frames.set(place.stage, [{ row: place.row, column: place.column, rows: 1, columns: 1, kind: "pixel" }]);
  let [rows, columns]: [[number, number], [number, number]] = [
    [place.row, place.row],
    [place.column, place.column],
  ];
  for (let stage = place.stage; stage !== "input"; ) {
    const source = sourceOf(state, stage);
    const axes = axesOf(state, filtered, matrix, stage);
    if (axes) {
      rows = [placesUnder(axes[0], rows[0])[0], placesUnder(axes[0], rows[1])[1]];
      columns = [placesUnder(axes[1], columns[0])[0], placesUnder(axes[1], columns[1])[1]];
      frames.set(source, [clipped(rows, columns, axes)]);
    } else if (stage === "activation") {
      const height = rows[1] - rows[0] + 1;
      const width = columns[1] - columns[0] + 1;
      frames.set(source, [
        { row: rows[0], column: columns[0], rows: height, columns: width, kind: height * width > 1 ? "window" : "pixel" },
      ]);
    } else {
      break;
    }
    stage = source;
  }
  return frames;
}

const mostCells = 400;

// Of a pixel of the input, the outputs of the convolution that it takes part in.
export function reachOf(
  state: State,
  filtered: Filtered,
  matrix: Matrix,
  place: Place,
): { count: number; boxes: Box[] } | undefined {
  const axes = axesOf(state, filtered, matrix, "conv");
  if (!axes || outLength(axes[0]) < 1 || outLength(axes[1]) < 1) return undefined;
  const mode = state.padMode as "zero" | "edge" | "reflect" | "wrap";
  const rows = reachedBy(axes[0], place.row, mode);
  const columns = reachedBy(axes[1], place.column, mode);
  const count = rows.length * columns.length;
  if (count === 0) return { count, boxes: [] };
  const solid = (list: number[]) => list[list.length - 1]! - list[0]! === list.length - 1;
  if ((solid(rows) && solid(columns)) || count > mostCells) {
    const height = rows[rows.length - 1]! - rows[0]! + 1;
    const width = columns[columns.length - 1]! - columns[0]! + 1;
    return { count, boxes: [{ row: rows[0]!, column: columns[0]!, rows: height, columns: width, kind: "reach" }] };
  }
  return {
    count,
    boxes: rows.flatMap((row) =>
      columns.map((column): Box => ({ row, column, rows: 1, columns: 1, kind: "reach" })),
    ),
  };
}
