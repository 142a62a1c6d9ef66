// The networks behind HTTP: `convscope serve` (docs/api.md).
import type { ValueRange } from "./colors";
import type { Tensor } from "./engine";
import type { Http } from "./http";
import type {
  Attributed,
  DataSet,
  ExplainedValue,
  Filters,
  Look,
  Maps,
  Method,
  ModelEntry,
  Network,
  NetworkEngine,
  Subject,
} from "./network_engine";
import { readSafetensors } from "./safetensors";

type Told = Omit<Attributed, "attributions"> & {
  attributions: { method: string; tensor: string; signed: boolean; of_layer: boolean; range: ValueRange }[];
};

export class HttpNetwork implements NetworkEngine {
  constructor(private readonly http: Http) {}

  async models(): Promise<ModelEntry[]> {
    return (await this.http.json<{ models: ModelEntry[] }>("GET", "/api/models")).models;
  }

  addModel(bytes: Uint8Array<ArrayBuffer>): Promise<ModelEntry> {
    return this.http.json<ModelEntry>("POST", "/api/models", bytes);
  }

  async dataSets(): Promise<DataSet[]> {
    const { datasets } = await this.http.json<{ datasets: (DataSet & { place: string | null })[] }>("GET", "/api/data");
    return datasets.filter(({ place }) => place !== null);
  }

  describe(model: string): Promise<Network> {
    return this.http.json<Network>("POST", "/api/network", JSON.stringify({ model }));
  }

  async look(subject: Subject): Promise<Look> {
    const { report, tensors } = await this.file<Omit<Look, "picture">>("run", { ...subject }, "run");
    return { ...report, picture: tensors.get("picture")! };
  }

  async maps(subject: Subject, tensor: string, side: number, channels?: number[]): Promise<Maps> {
    const about = channels ? "one-map" : "maps";
    const { report, tensors } = await this.file<Omit<Maps, keyof Tensor>>("maps", { ...subject, tensor, side, channels }, about);
    return { ...report, ...tensors.get("maps")! };
  }

  async filters(model: string, parameter: string): Promise<Filters> {
    const { report, tensors } = await this.file<Omit<Filters, keyof Tensor>>("weights", { model, parameter }, "weights");
    return { ...report, ...tensors.get("filters")! };
  }

  async explain(subject: Subject, at: string): Promise<ExplainedValue> {
    const body = JSON.stringify({ ...subject, at, walk_back: true });
    const response = await this.http.send("POST", "/api/network/explain", body, "explain-value");
    return (await response.json()) as ExplainedValue;
  }

  async methods(): Promise<Method[]> {
    return (await this.http.json<{ methods: Method[] }>("GET", "/api/network/methods")).methods;
  }

  async attribute(subject: Subject, methods: string[], of?: number, layer?: string): Promise<Attributed> {
    const body = { ...subject, methods, class: of, layer };
    const { report, tensors } = await this.file<Told>("attribute", body, `attribute-${methods.join()}`);
    const attributions = report.attributions.map((told) => ({ ...told, ...tensors.get(told.tensor)! }));
    return { ...report, attributions };
  }

  private async file<Report>(path: string, body: object, about: string): Promise<{ report: Report; tensors: Map<string, Tensor> }> {
    const response = await this.http.send("POST", `/api/network/${path}`, JSON.stringify(body), about);
    const { tensors, metadata } = readSafetensors(await response.arrayBuffer());
    return { report: JSON.parse(metadata["report"] ?? "") as Report, tensors };
  }
}
