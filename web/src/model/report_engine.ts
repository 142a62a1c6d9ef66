// The engine of a report: what convscope computed when it wrote the file, and the arithmetic that follows from it. It
// computes nothing of pictures that it does not hold.
import { explainChain, receptiveField, walkBack } from "./arithmetic";
import type { GraphNode, Tensors, Values } from "./arithmetic";
import type { ValueRange } from "./colors";
import { EngineError } from "./engine";
import type { Engine, Tensor } from "./engine";
import type { Attributed, ExplainedValue, Filters, Look, Maps, Method, ModelEntry, Network, NetworkEngine, Subject } from "./network_engine";
import { readSafetensors } from "./safetensors";

interface About {
  model: string; // as it was asked for, and each picture
  pictures: string[];
  version: string;
  side: number; // of the largest map
  methods: string[];
  remarks: string[];
}

type ToldAttribution = Omit<Attributed, "attributions"> & {
  attributions: { method: string; class?: number; tensor: string; signed: boolean; of_layer: boolean; range: ValueRange }[];
};

function refuse(where: string, rule: string, fix: string): never {
  throw new EngineError(404, { where, rule, received: "", fix });
}

// The data of a report (convscope/tasks/network_report.h), unpacked.
export class ReportEntries {
  private readonly places: Record<string, [number, number]>;
  private readonly first: number;

  constructor(private readonly bytes: ArrayBuffer) {
    const length = Number(new DataView(bytes).getBigUint64(0, true));
    this.places = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 8, length))) as Record<string, [number, number]>;
    this.first = 8 + length;
  }

  has(key: string): boolean {
    return key in this.places;
  }

  json<Value>(key: string): Value {
    return JSON.parse(new TextDecoder().decode(this.of(key))) as Value;
  }

  file<Report>(key: string): { report: Report; tensors: Map<string, Tensor> } {
    const { tensors, metadata } = readSafetensors(this.of(key));
    return { report: JSON.parse(metadata["report"] ?? "{}") as Report, tensors };
  }

  private of(key: string): ArrayBuffer {
    const place = this.places[key] ?? refuse(key, "a report holds what it was written with", "write one that holds this, too");
    return this.bytes.slice(this.first + place[0], this.first + place[1]);
  }
}

// Of a tensor in the order of memory.
function inOrder({ shape, values }: Tensor): Values {
  return { shape, at: (place) => values[place.reduce((index, here, axis) => index * shape[axis]! + here, 0)]! };
}

// Of maps (channels, rows, columns) as a tensor of `rank` axes, channels last.
function ofMaps({ shape, values }: Tensor, rank: number): Values {
  const [channels, rows, columns] = shape as [number, number, number];
  const own = rank === 1 ? [channels] : rank === 2 ? [columns, channels] : [rows, columns, channels];
  return {
    shape: own,
    at: (place) => {
      const [row, column] = rank === 3 ? [place[0]!, place[1]!] : rank === 2 ? [0, place[0]!] : [0, 0];
      return values[(place[rank - 1]! * rows + row) * columns + column]!;
    },
  };
}

class ReportNetwork implements NetworkEngine {
  private readonly about: About;
  private readonly network: Network;
  private readonly nodes: GraphNode[];
  private readonly shapes: Map<string, number[]>;
  private readonly parameters: Map<string, Tensor>;

  constructor(private readonly entries: ReportEntries) {
    this.about = entries.json<About>("about");
    const network = entries.json<Network>("network");
    this.network = { ...network, remarks: [...network.remarks, ...this.about.remarks] };
    const graph = entries.json<{ nodes: GraphNode[]; tensors: { name: string; role: string; shape: number[] }[] }>("graph");
    this.nodes = graph.nodes;
    this.shapes = new Map(graph.tensors.map(({ name, role, shape }) => [name, role === "parameter" ? shape : shape.slice(1)]));
    this.parameters = entries.has("parameters") ? entries.file("parameters").tensors : new Map<string, Tensor>();
  }

  pictures(): string[] {
    return this.about.pictures;
  }

  models(): Promise<ModelEntry[]> {
    const { title, trained, source } = this.network;
    return Promise.resolve([{ id: this.about.model, title, origin: trained ? "named" : "built-in", description: source }]);
  }

  addModel(): Promise<ModelEntry> {
    return refuse("report", "a report shows one model", "open the other in convscope serve");
  }

  dataSets(): Promise<never[]> {
    return Promise.resolve([]);
  }

  describe(): Promise<Network> {
    return Promise.resolve(this.network);
  }

  look({ picture }: Subject): Promise<Look> {
    const { report, tensors } = this.entries.file<Omit<Look, "picture">>(`look/${this.number(picture)}`);
    return Promise.resolve({ ...report, picture: tensors.get("picture")! });
  }

  maps({ picture }: Subject, tensor: string, _side: number, channels?: number[]): Promise<Maps> {
    const { report, tensors } = this.entries.file<Omit<Maps, keyof Tensor>>(`maps/${this.number(picture)}/${tensor}`);
    const { shape, values } = tensors.get("maps")!;
    if (!channels) return Promise.resolve({ ...report, shape, values });
    const [, rows, columns] = shape as [number, number, number];
    const size = rows * columns;
    const chosen = new Float32Array(channels.length * size);
    channels.forEach((channel, index) => chosen.set(values.subarray(channel * size, (channel + 1) * size), index * size));
    const maps = channels.map((channel) => report.maps[channel]!);
    return Promise.resolve({ ...report, channels, maps, shape: [channels.length, rows, columns], values: chosen });
  }

  filters(_model: string, parameter: string): Promise<Filters> {
    const { report, tensors } = this.entries.file<Omit<Filters, keyof Tensor>>(`filters/${parameter}`);
    return Promise.resolve({ ...report, ...tensors.get("filters")! });
  }

  explain({ picture }: Subject, text: string): Promise<ExplainedValue> {
    const colon = text.lastIndexOf(":");
    const [tensor, at] = [text.slice(0, colon), text.slice(colon + 1).split(",").map(Number)];
    const tensors = this.tensorsOf(this.number(picture));
    const explanations = explainChain(this.nodes, tensors, tensor, at);
    const last = explanations[explanations.length - 1];
    const field = receptiveField(this.nodes, (name) => this.shapes.get(name), this.network.input.name, tensor, at);
    return Promise.resolve({
      explanations,
      ...(field && { receptive_field: field }),
      trace: walkBack(this.nodes, tensors, tensor, at),
      ...(last?.rule ? {} : { untold: this.reasonOf(last?.tensor ?? tensor, tensors) }),
    });
  }

  // Why a value has no arithmetic here.
  private reasonOf(tensor: string, tensors: Tensors): string {
    const node = this.nodes.find(({ outputs }) => outputs[0] === tensor);
    const otherwise = "convscope explain tells the arithmetic.";
    if (!tensors(tensor) || node?.inputs.some((name) => !tensors(name) && !this.isParameter(name))) {
      return `This report keeps maps of at most ${this.about.side} rows and columns whole (--side), and every n-th value of larger ones: ${otherwise}`;
    }
    if (this.parameters.size === 0) return `The weights of this network are too large for a report: ${otherwise}`;
    return `A report does not tell the arithmetic of ${node?.operation ?? tensor}: ${otherwise}`;
  }

  private isParameter(name: string): boolean {
    return !this.nodes.some(({ outputs }) => outputs.includes(name)) && name !== this.network.input.name;
  }

  methods(): Promise<Method[]> {
    const { methods } = this.entries.json<{ methods: Method[] }>("methods");
    return Promise.resolve(methods.filter(({ name }) => this.about.methods.includes(name)));
  }

  attribute({ picture }: Subject, methods: string[], of?: number): Promise<Attributed> {
    const { report, tensors } = this.entries.file<ToldAttribution>(`attribute/${this.number(picture)}`);
    const wanted = of ?? report.classes[0]!.class;
    const attributions = report.attributions.filter((told) => methods.includes(told.method) && (told.class ?? wanted) === wanted);
    if (attributions.length === 0) {
      refuse("report", `it holds attributions of ${report.classes.map(({ name }) => name).join(", ")}`, "write it with more --classes");
    }
    return Promise.resolve({ ...report, attributions: attributions.map((told) => ({ ...told, ...tensors.get(told.tensor)! })) });
  }

  private number(picture: string): number {
    const number = this.about.pictures.indexOf(picture);
    return number >= 0 ? number : refuse(picture, "a report shows the pictures that it was written with", "write one with this picture");
  }

  // Of a picture, read when they are first asked for; none where maps were thinned out.
  private tensorsOf(number: number): Tensors {
    const { report } = this.entries.file<Omit<Look, "picture">>(`look/${number}`);
    const ranks = new Map(report.tensors.map(({ name, shape }) => [name, shape.length - 1]));
    const known = new Map<string, Values | undefined>();
    const read = (name: string): Values | undefined => {
      const parameter = this.parameters.get(name);
      if (parameter) return inOrder(parameter);
      if (name === this.network.input.name) {
        const input = this.entries.file(`input/${number}`).tensors.get("input")!;
        return inOrder({ shape: input.shape.slice(1), values: input.values });
      }
      const rank = ranks.get(name);
      if (rank === undefined || rank > 3 || !this.entries.has(`maps/${number}/${name}`)) return undefined;
      const { report: told, tensors } = this.entries.file<{ step: number }>(`maps/${number}/${name}`);
      return told.step === 1 ? ofMaps(tensors.get("maps")!, rank) : undefined;
    };
    return (name) => {
      if (!known.has(name)) known.set(name, read(name));
      return known.get(name);
    };
  }
}

// Without the Playground: that needs an engine that computes.
export function reportEngine(bytes: ArrayBuffer): Engine {
  const network = new ReportNetwork(new ReportEntries(bytes));
  const none = () => refuse("report", "a report shows what it was written with", "open convscope serve for the rest");
  return {
    computes: false,
    network,
    pictures: () => Promise.resolve(network.pictures()),
    addPicture: none,
    presets: none,
    kernel: none,
    filter: none,
    explain: none,
  };
}
