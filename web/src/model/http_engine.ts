// The engine behind HTTP: `convscope serve` (docs/api.md).
import { EngineError } from "./engine";
import type { Engine, Explanation, Filter, Filtered, Kernel, Preset, ShownMap, Stage, View } from "./engine";
import { readSafetensors } from "./safetensors";

interface Report {
  white: number;
  formula: string;
  stages: Stage[];
  views: { tensor: string; step: number }[];
}

export class HttpEngine implements Engine {
  // Tells the server which tab asks.
  private readonly tab = Math.random().toString(36).slice(2);

  constructor(private readonly base = "") {}

  async pictures(): Promise<string[]> {
    const { pictures } = await this.json<{ pictures: { id: string }[] }>("GET", "/api/pictures");
    return pictures.map(({ id }) => id);
  }

  async addPicture(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
    return (await this.json<{ id: string }>("POST", "/api/pictures", bytes)).id;
  }

  async presets(): Promise<Preset[]> {
    return (await this.json<{ presets: Preset[] }>("GET", "/api/kernels")).presets;
  }

  async kernel(text: string): Promise<Kernel> {
    type Answer = { kernels: { shape: number[]; values: unknown[]; bias: number }[] };
    const answer = await this.json<Answer>("POST", "/api/kernels", JSON.stringify({ kernel: text }));
    const { shape, values, bias } = answer.kernels[0]!;
    return { shape, values: values.flat(Infinity) as number[], bias };
  }

  async filter(filter: Filter, views: View[], subject: string): Promise<Filtered> {
    const response = await this.send("POST", "/api/filter", JSON.stringify({ filter, views }), subject);
    const { tensors, metadata } = readSafetensors(await response.arrayBuffer());
    const report = JSON.parse(metadata["report"] ?? "") as Report;
    const maps = new Map<string, ShownMap>();
    for (const { tensor, step } of report.views) maps.set(tensor, { ...tensors.get(tensor)!, step });
    return { ...report, kernel: tensors.get("kernel")!, maps };
  }

  async explain(filter: Filter, at: string, subject: string): Promise<Explanation[]> {
    const response = await this.send("POST", "/api/filter/explain", JSON.stringify({ filter, at }), subject);
    return (await response.json()) as Explanation[];
  }

  private async json<Answer>(method: string, path: string, body?: BodyInit): Promise<Answer> {
    return (await (await this.send(method, path, body)).json()) as Answer;
  }

  private async send(method: string, path: string, body?: BodyInit, subject?: string): Promise<Response> {
    const headers: Record<string, string> = subject ? { "Convscope-Subject": `${this.tab}/${subject}` } : {};
    let response: Response;
    try {
      response = await fetch(this.base + path, { method, headers, ...(body === undefined ? {} : { body }) });
    } catch {
      throw new EngineError(0, {
        where: "",
        rule: "the engine does not answer",
        received: "",
        fix: "start convscope serve again, then change something here",
      });
    }
    if (response.ok) return response;
    const text = await response.text();
    let parts = { where: path, rule: `the engine answered ${response.status}`, received: "", fix: "" };
    try {
      parts = (JSON.parse(text) as { error: typeof parts }).error;
    } catch {
      // No words of the engine's: the status has to do.
    }
    throw new EngineError(response.status, parts);
  }
}
