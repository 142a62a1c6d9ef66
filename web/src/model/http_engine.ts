// The engine behind HTTP: `convscope serve` (docs/api.md).
import type { Engine, Explanation, Filter, Filtered, Kernel, Preset, ShownMap, Stage, View } from "./engine";
import { browserEvents } from "./events";
import { Http } from "./http";
import { HttpNetwork } from "./http_network";
import type { NetworkEngine } from "./network_engine";
import { HttpTrainer } from "./http_trainer";
import { readSafetensors } from "./safetensors";

interface Report {
  white: number;
  formula: string;
  stages: Stage[];
  views: { tensor: string; step: number }[];
}

export class HttpEngine implements Engine {
  readonly computes = true;
  readonly network: NetworkEngine;
  readonly trainer: HttpTrainer;

  constructor(private readonly http = new Http()) {
    this.network = new HttpNetwork(http);
    this.trainer = new HttpTrainer(http, browserEvents("/api/events"));
  }

  async pictures(): Promise<string[]> {
    const { pictures } = await this.http.json<{ pictures: { id: string }[] }>("GET", "/api/pictures");
    return pictures.map(({ id }) => id);
  }

  async addPicture(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
    return (await this.http.json<{ id: string }>("POST", "/api/pictures", bytes)).id;
  }

  async presets(): Promise<Preset[]> {
    return (await this.http.json<{ presets: Preset[] }>("GET", "/api/kernels")).presets;
  }

  async kernel(text: string): Promise<Kernel> {
    type Answer = { kernels: { shape: number[]; values: unknown[]; bias: number }[] };
    const answer = await this.http.json<Answer>("POST", "/api/kernels", JSON.stringify({ kernel: text }));
    const { shape, values, bias } = answer.kernels[0]!;
    return { shape, values: values.flat(Infinity) as number[], bias };
  }

  async filter(filter: Filter, views: View[], subject: string): Promise<Filtered> {
    const response = await this.http.send("POST", "/api/filter", JSON.stringify({ filter, views }), subject);
    const { tensors, metadata } = readSafetensors(await response.arrayBuffer());
    const report = JSON.parse(metadata["report"] ?? "") as Report;
    const maps = new Map<string, ShownMap>();
    for (const { tensor, step } of report.views) maps.set(tensor, { ...tensors.get(tensor)!, step });
    return { ...report, kernel: tensors.get("kernel")!, maps };
  }

  async explain(filter: Filter, at: string, subject: string): Promise<Explanation[]> {
    const response = await this.http.send("POST", "/api/filter/explain", JSON.stringify({ filter, at }), subject);
    return (await response.json()) as Explanation[];
  }
}
