// A window of numbers, each on its colour.
import { colorOf, css, textColorOn } from "../model/colors";
import type { Scale } from "../model/colors";
import { shownNumber } from "../model/kernel";

interface NumbersProps {
  label: string;
  rows: number;
  columns: number;
  cell: (index: number) => { value: number; note?: string | undefined; lit?: boolean | undefined };
  scale: Scale;
}

const mostWritten = 9; // columns with room for their numbers

export function Numbers({ label, rows, columns, cell, scale }: NumbersProps) {
  const written = columns <= mostWritten;
  return (
    <div class="numbers">
      <h4>{label}</h4>
      <table class={written ? "" : "dense"} aria-label={label}>
        <tbody>
          {Array.from({ length: rows }, (_, r) => (
            <tr key={r}>
              {Array.from({ length: columns }, (__, s) => {
                const { value, note, lit } = cell(r * columns + s);
                const color = colorOf(scale, value);
                const classes = `${note ? "padded" : ""} ${lit ? "lit" : ""}`;
                return (
                  <td
                    key={s}
                    class={classes}
                    style={{ backgroundColor: css(color), color: textColorOn(color) }}
                    title={`${shownNumber(value, 6)}${note ? ` (${note})` : ""}`}
                  >
                    {written ? shownNumber(value, columns > 5 ? 2 : 3) : ""}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
