// The trainer behind HTTP: `convscope serve` (docs/api.md).
import type { SharedEvents } from "./events";
import { Http } from "./http";
import { readSafetensors } from "./safetensors";
import type { TensorFile } from "./safetensors";
import type { Choices, Curves, Epoch, Evaluation, LayerConfig, Look, LookRequest, Network, NetworkCheck, Progress, Run, Trainer, TrainSettings } from "./training";

function curvesIn({ tensors, metadata }: TensorFile): Curves[] {
  const epochs = JSON.parse(metadata["epochs"] ?? "[]") as Epoch[][];
  return epochs.map((list, i) => ({
    loss: tensors.get(`${i}/loss`)!.values,
    accuracy: tensors.get(`${i}/accuracy`)!.values,
    epochs: list,
  }));
}

export class HttpTrainer implements Trainer {
  constructor(
    private readonly http: Http,
    private readonly events: SharedEvents,
  ) {}

  choices(): Promise<Choices> {
    return this.http.json("GET", "/api/train/choices");
  }

  async check(network: Network): Promise<NetworkCheck> {
    return (await this.http.send("POST", "/api/train/check", JSON.stringify(network), "check")).json() as Promise<NetworkCheck>;
  }

  async state(): Promise<{ progress: Progress; curves: Curves }> {
    const file = readSafetensors(await (await this.http.send("GET", "/api/train")).arrayBuffer());
    return { progress: JSON.parse(file.metadata["report"] ?? "") as Progress, curves: curvesIn(file)[0]! };
  }

  async start(run: string, settings: TrainSettings, layers?: LayerConfig[]): Promise<void> {
    await this.http.send("POST", "/api/train/start", JSON.stringify({ run, settings, layers }));
  }

  async resume(run: string, epochs?: number): Promise<void> {
    await this.http.send("POST", "/api/train/resume", JSON.stringify({ run, epochs }));
  }

  async steer(what: "pause" | "step" | "continue" | "stop"): Promise<void> {
    await this.http.send("POST", "/api/train/steer", JSON.stringify({ do: what }));
  }

  async look(request: LookRequest): Promise<Look> {
    const response = await this.http.send("POST", "/api/train/look", JSON.stringify(request), "look");
    const { tensors, metadata } = readSafetensors(await response.arrayBuffer());
    return { ...(JSON.parse(metadata["report"] ?? "") as Omit<Look, "tensors">), tensors };
  }

  async runs(): Promise<Run[]> {
    return (await this.http.json<{ runs: Run[] }>("GET", "/api/runs")).runs;
  }

  async curves(runs: string[]): Promise<Curves[]> {
    const response = await this.http.send("POST", "/api/runs/curves", JSON.stringify({ runs }));
    return curvesIn(readSafetensors(await response.arrayBuffer()));
  }

  async evaluate(run: string): Promise<Evaluation> {
    return (await this.http.send("POST", "/api/runs/evaluate", JSON.stringify({ run }), "evaluate")).json() as Promise<Evaluation>;
  }

  listen(heard: (progress: Progress) => void): () => void {
    return this.events.listen("train", (text) => heard(JSON.parse(text) as Progress));
  }

  connection(heard: (open: boolean) => void): () => void {
    return this.events.listen("connection", (text) => heard(text === "open"));
  }
}
