// The kernel's numbers as a grid: type into a cell, drag it up or down, or walk with the arrow keys.
import { useRef, useState } from "preact/hooks";
import { colorOf, css, signedScale, textColorOn } from "../../model/colors";
import { numberText, shownNumber, valueAt, withValue } from "../../model/kernel";
import type { Matrix } from "../../model/kernel";

interface CellProps {
  label: string;
  value: number;
  digits: number;
  style: Record<string, string>;
  onValue: (value: number) => void;
  onKeyDown: (event: KeyboardEvent) => void;
  onPointerDown: (event: PointerEvent) => void;
  onPointerMove: (event: PointerEvent) => void;
  onPointerUp: () => void;
}

// As a float32 holds it.
function isNumber(text: string): boolean {
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text) && Number.isFinite(Math.fround(Number(text)));
}

// Shows what is typed while that is the value, also "1." and "0.10"; else the value.
function Cell({ label, value, digits, style, onValue, ...handlers }: CellProps) {
  const [typed, setTyped] = useState<string | undefined>(undefined);
  const same = typed !== undefined && (!isNumber(typed) || Math.fround(Number(typed)) === value);
  return (
    <input
      type="text"
      inputMode="decimal"
      aria-label={label}
      aria-invalid={typed !== undefined && typed !== "" && !isNumber(typed)}
      autocomplete="off"
      title={numberText(value)}
      value={same ? typed : shownNumber(value, digits).replace(/^(-?)0\./, digits < 4 ? "$1." : "$10.")}
      style={style}
      onFocus={(event) => event.currentTarget.select()}
      onBlur={() => setTyped(undefined)}
      onInput={(event) => {
        const text = event.currentTarget.value.trim().replace(",", ".");
        setTyped(text);
        if (isNumber(text)) onValue(Number(text));
      }}
      {...handlers}
    />
  );
}

interface Props {
  matrix: Matrix;
  channel: number; // the plane that is shown
  name: string;
  onChange: (matrix: Matrix) => void;
}

const mostWritten = 5; // columns with room for their numbers
const pixelsPerUnit = 40; // of a drag, for the range of the kernel's values

export function KernelGrid({ matrix, channel, name, onChange }: Props) {
  const table = useRef<HTMLTableElement>(null);
  const drag = useRef<{ y: number; value: number; moved: boolean } | undefined>(undefined);
  const scale = signedScale(matrix.values);

  const focus = (row: number, column: number) => {
    const cell = table.current?.rows[row]?.cells[column]?.querySelector("input");
    cell?.focus();
    cell?.select();
  };
  const edit = (row: number, column: number, value: number) =>
    onChange(withValue(matrix, row, column, channel, Math.fround(value) || 0));

  const onKeyDown = (event: KeyboardEvent, row: number, column: number) => {
    const moves: Record<string, [number, number]> = {
      ArrowUp: [-1, 0],
      ArrowDown: [1, 0],
      ArrowLeft: [0, -1],
      ArrowRight: [0, 1],
      Enter: [1, 0],
    };
    const move = moves[event.key];
    if (!move || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    focus(row + move[0], column + move[1]);
  };

  const onPointerMove = (event: PointerEvent, row: number, column: number) => {
    const from = drag.current;
    if (!from || event.buttons === 0) return;
    const up = from.y - event.clientY;
    if (!from.moved && Math.abs(up) < 4) return;
    if (!from.moved) (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
    from.moved = true;
    event.preventDefault();
    const unit = Math.max(scale.high, 0.1) / pixelsPerUnit;
    edit(row, column, Number((from.value + up * unit).toPrecision(3)));
  };

  const rows = Array.from({ length: matrix.rows }, (_, r) => r);
  const columns = Array.from({ length: matrix.columns }, (_, s) => s);
  const digits = matrix.columns > 3 ? 3 : 4;
  return (
    <table ref={table} role="grid" aria-label={name} class={matrix.columns > mostWritten ? "kernel-grid dense" : "kernel-grid"} data-columns={matrix.columns}>
      <tbody>
        {rows.map((row) => (
          <tr key={row}>
            {columns.map((column) => {
              const value = valueAt(matrix, row, column, channel);
              const color = colorOf(scale, value);
              return (
                <td key={column} role="gridcell">
                  <Cell
                    label={`row ${row}, column ${column}`}
                    value={value}
                    digits={digits}
                    style={{ backgroundColor: css(color), color: textColorOn(color) }}
                    onKeyDown={(event) => onKeyDown(event, row, column)}
                    onValue={(typed) => edit(row, column, typed)}
                    onPointerDown={(event) => (drag.current = { y: event.clientY, value, moved: false })}
                    onPointerMove={(event) => onPointerMove(event, row, column)}
                    onPointerUp={() => (drag.current = undefined)}
                  />
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
