// What the colours of a map stand for.
import type { Scale } from "../model/colors";
import { gradient } from "../model/colors";
import { shownNumber } from "../model/kernel";

export function ScaleBar({ scale, remark }: { scale: Scale; remark?: string }) {
  return (
    <div class="scale">
      <div class="bar" style={{ backgroundImage: gradient(scale.map) }} aria-hidden="true" />
      <div class="ends">
        <span>{shownNumber(scale.low, 3)}</span>
        {scale.map === "diverging" && <span>0</span>}
        <span>{shownNumber(scale.high, 3)}</span>
      </div>
      {remark && <p class="remark">{remark}</p>}
    </div>
  );
}
