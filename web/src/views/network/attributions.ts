// Attributions of what is looked at, by method: computed once the picture rests, those that are quick together, so that
// they share the runs of the network; the others one by one.
import { effect, signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { EngineError } from "../../model/engine";
import type { Attributed, Attribution, Subject } from "../../model/network_engine";

// They take many runs of the network.
export const slowMethods = new Set(["smoothgrad", "integrated-gradients", "score-cam", "occlusion"]);
const restMilliseconds = 300; // a drawing that goes on is not attributed at each stroke

export interface ToldMethod {
  attribution?: Attribution | undefined; // the last one, while another is `waiting`
  layer?: string | undefined; // that a class activation map is of
  error: string;
  waiting: boolean;
}

export interface AttributionWish {
  subject: Subject | undefined;
  of: number | undefined;
  methods: string[];
}

export class Attributions {
  readonly told = signal<ReadonlyMap<string, ToldMethod>>(new Map());
  private about = ""; // subject and class that `told` is of
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    wish: ReadonlySignal<AttributionWish>,
    private readonly ask: (subject: Subject, methods: string[], of: number | undefined) => Promise<Attributed>,
  ) {
    effect(() => this.follow(wish.value));
  }

  private follow({ subject, of, methods }: AttributionWish): void {
    clearTimeout(this.timer);
    const about = JSON.stringify([subject, of]);
    const known = this.told.peek();
    if (about !== this.about) {
      this.about = about;
      this.told.value = new Map([...known].map(([method, told]) => [method, { ...told, waiting: true }]));
    }
    if (!subject) return;
    this.timer = setTimeout(() => {
      const missing = methods.filter((method) => this.told.peek().get(method)?.waiting ?? true);
      const quick = missing.filter((method) => !slowMethods.has(method));
      if (quick.length > 0) void this.compute(about, subject, quick, of);
      for (const method of missing.filter((name) => slowMethods.has(name))) void this.compute(about, subject, [method], of);
    }, restMilliseconds);
  }

  private async compute(about: string, subject: Subject, methods: string[], of: number | undefined): Promise<void> {
    const answers: [string, ToldMethod][] = [];
    try {
      const { attributions, layer } = await this.ask(subject, methods, of);
      for (const attribution of attributions) {
        const ofLayer = attribution.of_layer ? layer?.name : undefined;
        answers.push([attribution.method, { attribution, layer: ofLayer, error: "", waiting: false }]);
      }
    } catch (error) {
      if (error instanceof EngineError && error.status === 409) return; // a newer one is on its way
      if (methods.length > 1) {
        // One of them is not possible here: that one alone tells so.
        for (const method of methods) await this.compute(about, subject, [method], of);
        return;
      }
      answers.push([methods[0]!, { error: (error as Error).message, waiting: false }]);
    }
    if (about === this.about) this.told.value = new Map([...this.told.peek(), ...answers]);
  }
}
