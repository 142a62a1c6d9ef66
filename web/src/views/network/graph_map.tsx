// The network as boxes and arrows, which stand where a figure of `convscope graph` has them.
import type { NetworkGraph } from "../../model/network_engine";

interface Props {
  graph: NetworkGraph;
  chosen: string | undefined;
  title: string;
  onPick: (tensor: string) => void;
}

const zoom = 1.25; // CSS pixels a point
const lineHeight = 10.6;

function path(curve: [number, number][], tip: [number, number]): string {
  const [start, ...rest] = curve;
  if (!start) return "";
  let text = `M${start.join()}`;
  for (let i = 0; i + 2 < rest.length; i += 3) text += `C${rest[i]!.join()} ${rest[i + 1]!.join()} ${rest[i + 2]!.join()}`;
  return `${text}L${tip.join()}`;
}

export function GraphMap({ graph, chosen, title, onPick }: Props) {
  return (
    <div class="graph" tabIndex={0} role="region" aria-label={`Graph of ${title}`}>
      <svg width={graph.width * zoom} height={graph.height * zoom} viewBox={`0 0 ${graph.width} ${graph.height}`}>
        <defs>
          <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
            <path d="M0,0L8,4L0,8z" class="tip" />
          </marker>
        </defs>
        {graph.groups.map(({ name, box: [x, y, width, height], name_box: [nx, ny, nw, nh] }, index) => (
          <g key={index} class="scope">
            <rect x={x} y={y} width={width} height={height} rx="3" />
            <text x={nx + nw / 2} y={ny + nh / 2}>
              {name}
            </text>
          </g>
        ))}
        {graph.edges.map(({ curve, tip, label, label_box: [x, y, width, height] }, index) => (
          <g key={index} class="edge">
            <path d={path(curve, tip)} marker-end="url(#arrow)" />
            {label && (
              <text x={x + width / 2} y={y + height / 2}>
                {label}
              </text>
            )}
          </g>
        ))}
        {graph.nodes.map(({ box: [x, y, width, height], lines, title_lines, kind, tensor }, index) => {
          const pick = () => tensor && onPick(tensor);
          const known = tensor !== null;
          return (
            <g
              key={index}
              class={`node kind-${kind} ${known ? "" : "none"}`}
              {...(known
                ? {
                    role: "button",
                    tabIndex: 0,
                    "aria-label": lines.join(", "),
                    "aria-pressed": tensor === chosen,
                    onClick: pick,
                    onKeyDown: (event: KeyboardEvent) => {
                      if (event.key !== "Enter" && event.key !== " ") return;
                      event.preventDefault();
                      pick();
                    },
                  }
                : {})}
            >
              <rect x={x} y={y} width={width} height={height} rx="3" />
              {lines.map((line, at) => (
                <text key={at} class={at < title_lines ? "title" : ""} x={x + width / 2} y={y + height / 2 + (at - (lines.length - 1) / 2) * lineHeight}>
                  {line}
                </text>
              ))}
            </g>
          );
        })}
      </svg>
    </div>
  );
}
