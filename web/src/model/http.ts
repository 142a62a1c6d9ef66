// Requests to `convscope serve` (docs/api.md), and what is refused as an EngineError.
import { EngineError } from "./engine";

export class Http {
  // Tells the server which tab asks.
  private readonly tab = Math.random().toString(36).slice(2);

  constructor(private readonly base = "") {}

  async json<Answer>(method: string, path: string, body?: BodyInit): Promise<Answer> {
    return (await (await this.send(method, path, body)).json()) as Answer;
  }

  async send(method: string, path: string, body?: BodyInit, subject?: string): Promise<Response> {
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
