// All that the Network view shows, as one value, and as the text of a link.

export type ScaleOf = "map" | "layer" | "network";

export interface NetworkState {
  model: string; // empty: the first there is
  picture: string; // a bundled one, one that was sent, a drawing, "data:NAME:NUMBER"; empty: one that suits the model
  layer: string; // the tensor; empty: the first with maps
  before: boolean; // what its activation made it of
  scale: ScaleOf;
  tab: "maps" | "filters";
  list: "layers" | "graph";
  channel: number | undefined; // the one that is enlarged
  at: { row: number; column: number } | undefined; // the value in it that is explained
  methods: string[] | undefined; // of attribution; none told: the usual ones, where the network is small
  of: number | undefined; // the class that is attributed; none: the predicted one
  over: number; // percent of the picture that shows through attributions
}

const usualMethods = ["saliency", "input-x-gradient", "grad-cam"];
const mostAtOnce = 2e8; // multiply-adds a picture: gradients of more take seconds, and are computed when they are asked for

export function methodsOf(state: NetworkState, multiplyAdds: number): string[] {
  return state.methods ?? (multiplyAdds < mostAtOnce ? usualMethods : []);
}

export function startNetwork(): NetworkState {
  return {
    model: "",
    picture: "",
    layer: "",
    before: false,
    scale: "layer",
    tab: "maps",
    list: "layers",
    channel: undefined,
    at: undefined,
    methods: undefined,
    of: undefined,
    over: 30,
  };
}

export function networkHash(state: NetworkState): string {
  const query = new URLSearchParams();
  const put = (name: string, value: string | number | undefined, usual: string | number | undefined = "") => {
    if (value !== undefined && value !== usual) query.set(name, String(value));
  };
  const start = startNetwork();
  put("model", state.model);
  put("picture", state.picture);
  put("layer", state.layer);
  put("before", state.before ? "yes" : "");
  put("scale", state.scale, start.scale);
  put("tab", state.tab, start.tab);
  put("list", state.list, start.list);
  put("channel", state.channel);
  put("at", state.at && `${state.at.row},${state.at.column}`);
  put("methods", state.methods && (state.methods.join(",") || "none"));
  put("class", state.of);
  put("over", state.over, start.over);
  const text = query.toString();
  return text ? `network?${text}` : "network";
}

function whole(text: string | null | undefined): number | undefined {
  return text && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

export function networkOf(hash: string): NetworkState {
  const state = startNetwork();
  const question = hash.indexOf("?");
  if (question < 0) return state;
  const query = new URLSearchParams(hash.slice(question + 1).replace(/%[01][0-9a-f]|%7f/gi, "")); // line breaks have no place in names
  const among = <Value extends string>(name: string, values: readonly Value[], usual: Value) => {
    const value = query.get(name) as Value;
    return values.includes(value) ? value : usual;
  };
  const [row, column] = (query.get("at") ?? "").split(",").map(whole);
  const methods = query.get("methods");
  return {
    model: query.get("model") ?? "",
    picture: query.get("picture") ?? "",
    layer: query.get("layer") ?? "",
    before: query.get("before") === "yes",
    scale: among("scale", ["map", "layer", "network"], state.scale),
    tab: among("tab", ["maps", "filters"], state.tab),
    list: among("list", ["layers", "graph"], state.list),
    channel: whole(query.get("channel")),
    at: row === undefined || column === undefined ? undefined : { row, column },
    methods: methods === null ? undefined : methods === "none" ? [] : methods.split(",").filter((name) => /^[a-z+-]+$/.test(name)),
    of: whole(query.get("class")),
    over: Math.min(whole(query.get("over")) ?? state.over, 100),
  };
}

// "data:fashion-mnist-small:18".
export function sampleOf(picture: string): { name: string; number: number } | undefined {
  const match = /^data:([\w-]+):(\d{1,9})$/.exec(picture);
  return match ? { name: match[1]!, number: Number(match[2]) } : undefined;
}

export function sampleText(name: string, number: number): string {
  return `data:${name}:${number}`;
}
