// One stage of one kernel as a map: what it is, its size, its scale, its picture.
import { useMemo, useRef } from "preact/hooks";
import { join, paint, paintColour, scaleFor } from "../../model/colors";
import type { Scale, ValueRange } from "../../model/colors";
import type { ShownMap, Stage } from "../../model/engine";
import { shownNumber } from "../../model/kernel";
import { MapCanvas } from "../../parts/map_canvas";
import type { Box } from "../../parts/map_canvas";
import { savePng } from "../../parts/save_png";
import { ScaleBar } from "../../parts/scale_bar";

export interface Pointer {
  point: (place: { row: number; column: number } | undefined) => void;
  pick: (place: { row: number; column: number }) => void;
}

interface Props {
  title: string;
  detail: string;
  file: string; // of a saved picture
  map: ShownMap;
  rows: number;
  columns: number;
  channels: number; // of the stage
  photograph: number | undefined; // white, where it is a photograph
  stage: Stage;
  scaledBy: Stage[]; // whose values the scale is made for
  boxes: Box[];
  hiddenFrom?: number | undefined;
  at: { row: number; column: number } | undefined;
  pointer: Pointer;
  facts?: string | undefined;
  white: number;
}

export function StageMap(props: Props) {
  const { map, stage, scaledBy, photograph, white } = props;
  const canvas = useRef<HTMLCanvasElement>(undefined);
  const shownChannels = map.shape[2]!;
  const colour = shownChannels === 3;
  const range = scaledBy.slice(1).reduce<ValueRange>((all, one) => join(all, one), scaledBy[0] ?? stage);
  const signs = scaledBy.some((one) => one.signs === "both") ? "both" : "non_negative";
  const scale: Scale = photograph !== undefined ? { map: "grey", low: 0, high: photograph } : scaleFor(range, signs);
  const { map: name, low, high } = scale;

  const painted = useMemo(
    () => (pixels: Uint32Array) => {
      if (colour) paintColour(white, map.values, pixels);
      else paint({ map: name, low, high }, map.values, 0, shownChannels, pixels);
      performance.mark("painted");
    },
    [map, colour, name, low, high, white],
  );

  const size = `${props.rows} × ${props.columns}${props.channels > 1 ? ` × ${props.channels}` : ""}`;
  const remarks = [
    stage.low === stage.high ? (stage.low === 0 ? "all zero" : `all ${shownNumber(stage.low)}`) : "",
    stage.not_finite > 0 ? `${stage.not_finite} NaN or infinite (magenta)` : "",
    map.step > 1 ? `every ${map.step}th value shown` : "",
    scaledBy.length > 1 && !colour ? "one scale for all kernels" : "",
    !colour && (range.low < low || range.high > high) ? `values reach beyond the scale, from ${shownNumber(range.low)} to ${shownNumber(range.high)}` : "",
  ].filter(Boolean);

  return (
    <figure class="stage" data-stage={stage.name}>
      <figcaption>
        <strong>{props.title}</strong>
        <span class="detail">{props.detail}</span>
        <button
          class="icon save"
          aria-label={`Save ${props.title} as PNG`}
          title="Save as PNG"
          onClick={() => canvas.current && savePng(canvas.current, props.file)}
        >
          ⤓
        </button>
      </figcaption>
      <MapCanvas
        label={`${props.title}, ${size}`}
        rows={props.rows}
        columns={props.columns}
        shownRows={map.shape[0]!}
        shownColumns={map.shape[1]!}
        step={map.step}
        paint={painted}
        boxes={props.boxes}
        hiddenFrom={props.hiddenFrom}
        at={props.at}
        onPoint={props.pointer.point}
        onPick={props.pointer.pick}
        onCanvas={(element) => (canvas.current = element)}
      />
      {colour ? (
        <p class="remark">
          as a colour picture: 0 black, {shownNumber(white)} white
          {photograph === undefined && (stage.low < 0 || stage.high > white) ? "; what lies beyond is clipped" : ""}
        </p>
      ) : (
        <ScaleBar scale={scale} />
      )}
      <p class="facts">
        {size}, {shownNumber(stage.low)} to {shownNumber(stage.high)}
        {props.facts ? `, ${props.facts}` : ""}
      </p>
      {remarks.length > 0 && <p class="remark">{remarks.join("; ")}</p>}
    </figure>
  );
}
