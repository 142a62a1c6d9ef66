// What the Playground knows: its state, what the engine answered to it, and what the pointer is on.
import { batch, computed, effect, signal } from "@preact/signals";
import type { Engine, Explanation, Filtered, Kernel, Preset, ShownMap, Stage } from "../../model/engine";
import { EngineError } from "../../model/engine";
import { matrixOf, parseLiteral } from "../../model/kernel";
import type { Matrix } from "../../model/kernel";
import { latest } from "../../model/latest";
import { SentPictures } from "../../model/sent_pictures";
import { filterOf, fromHash, mostKernels, stageNames, toHash } from "../../model/state";
import type { Place, State } from "../../model/state";
import { LinkedState } from "../../parts/linked_state";

// What is known of one kernel of the state.
export interface Shown {
  text: string; // the kernel that it belongs to
  matrix: Matrix;
  bias: number; // that the kernel brings along
  filtered: Filtered | undefined;
  error: string;
}

// The longest side of what is asked for: while edits come, about what a map has on the page; once they rest, more, which
// a browser scales down well.
const editedSide = 192;
const restingSide = 640;
const restMilliseconds = 200;

export class Store {
  private readonly linked = new LinkedState<State>("playground", { to: toHash, from: fromHash });
  readonly state = this.linked.state;
  readonly shown = signal<Shown[]>([]);
  readonly input = signal<{ map: ShownMap; stage: Stage } | undefined>(undefined);
  readonly pictures = signal<string[]>([]);
  readonly presets = signal<Preset[]>([]);
  readonly error = signal("");
  readonly pointed = signal<Place | undefined>(undefined); // while the pointer is there
  readonly explained = signal<{ place: Place; chain: Explanation[] } | undefined>(undefined);
  readonly playing = signal(false);
  readonly swept = signal(false); // outputs that the window has not reached are hidden
  readonly place = computed(() => this.pointed.value ?? this.state.value.place);

  private readonly kernels = new Map<string, Kernel>();
  readonly sent: SentPictures;
  private inputOf = "";
  // What the engine's answers depend on: the place that is looked at is not of it.
  private readonly asked = computed(() => JSON.stringify({ ...this.state.value, place: undefined, sameScale: undefined }));
  private restTimer: number | undefined;
  private readonly runs = Array.from({ length: mostKernels }, (_, k) => latest<number>((side) => this.run(this.state.peek(), k, side)));
  private readonly explainNext = latest<Place>((place) => this.explain(place));

  constructor(private readonly engine: Engine) {
    this.sent = new SentPictures(engine);
    effect(() => {
      void this.asked.value;
      const kernels = this.state.peek().kernels;
      kernels.forEach((_, k) => this.runs[k]!(this.shown.peek()[k]?.filtered ? editedSide : restingSide));
      clearTimeout(this.restTimer);
      this.restTimer = window.setTimeout(() => this.sharpen(), restMilliseconds);
    });
    effect(() => {
      const place = this.place.value;
      void this.shown.value; // of new values there is another explanation
      if (place && place.stage !== "input") this.explainNext(place);
      else this.explained.value = undefined;
    });
    void this.start();
  }

  link(): string {
    return this.linked.address();
  }

  private async start(): Promise<void> {
    try {
      const [pictures, presets] = await Promise.all([this.engine.pictures(), this.engine.presets()]);
      batch(() => {
        this.pictures.value = pictures;
        this.presets.value = presets;
      });
    } catch (error) {
      this.error.value = (error as Error).message;
    }
  }

  set(change: Partial<State>): void {
    this.state.value = { ...this.state.value, ...change };
  }

  setKernel(index: number, text: string): void {
    performance.clearMarks();
    performance.mark("edit"); // until "painted": what an edit costs
    this.set({ kernels: this.state.value.kernels.map((old, k) => (k === index ? text : old)) });
  }

  async open(bytes: Uint8Array<ArrayBuffer>, file: string): Promise<void> {
    try {
      const picture = await this.sent.open(bytes, file);
      batch(() => {
        this.error.value = "";
        this.set({ picture, place: undefined });
      });
    } catch (error) {
      this.error.value = (error as Error).message;
    }
  }

  // Asks for the maps that were thinned out while edits came.
  private sharpen(): void {
    this.shown.peek().forEach(({ filtered }, k) => {
      const coarse = [...(filtered?.maps.values() ?? [])].some(({ step, shape }) => step > 1 && Math.max(shape[0]!, shape[1]!) <= editedSide);
      if (coarse) this.runs[k]?.(restingSide);
    });
  }

  private async run(state: State, k: number, side: number): Promise<void> {
    if (state.kernels[k] === undefined) return;
    let change: Partial<Shown> = {};
    try {
      change = await this.filter(state, k, side);
    } catch (error) {
      if (error instanceof EngineError && error.status === 409) return; // a newer one is on its way
      change = { error: (error as Error).message };
    }
    const usual: Shown = { text: "", matrix: matrixOf([1, 1], [0]), bias: 0, filtered: undefined, error: "" };
    batch(() => {
      const shown = this.shown.value.slice(0, this.state.value.kernels.length);
      while (shown.length <= k && k < this.state.value.kernels.length) shown.push(usual);
      if (k < shown.length) shown[k] = { ...shown[k]!, error: "", ...change };
      this.shown.value = shown;
    });
  }

  private async filter(state: State, k: number, side: number): Promise<Partial<Shown>> {
    const picture = await this.sent.nameOf(state.picture);
    const text = state.kernels[k]!;
    const literal = parseLiteral(text);
    // What the boxes of the kernel show comes first: it is there also where the picture is not.
    const known = literal ? { shape: [], values: [], bias: 0 } : await this.kernelOf(text);
    const matrix = literal ?? matrixOf(known.shape, known.values);

    const filter = filterOf(state, k, picture);
    const inputKey = [picture, filter.colour, filter.channels].join(" ");
    const withInput = inputKey !== this.inputOf || !this.input.value;
    const colours = filter.colour === "rgb" && !filter.channels;
    const channel = colours && matrix.channels === 1 && state.shown ? "rgb".indexOf(state.shown) : undefined;
    const views = stageNames(state).map((tensor) => ({ tensor, side, ...(channel === undefined ? {} : { channel }) }));
    if (withInput) views.push({ tensor: "input", side: restingSide });
    const ask = () => this.engine.filter(filter, views, `filter-${k}`);
    let filtered: Filtered;
    try {
      filtered = await this.sent.asking(picture, ask);
    } catch (error) {
      if (error instanceof EngineError && error.status === 409) throw error;
      return { text, matrix, bias: known.bias, error: (error as Error).message };
    }
    const map = filtered.maps.get("input");
    if (map) {
      this.inputOf = inputKey;
      this.input.value = { map, stage: filtered.stages[0]! };
    }
    return { text, matrix, bias: known.bias, filtered };
  }

  private async kernelOf(text: string): Promise<Kernel> {
    let kernel = this.kernels.get(text);
    if (!kernel) {
      kernel = await this.engine.kernel(text);
      if (this.kernels.size > 500) this.kernels.clear();
      this.kernels.set(text, kernel);
    }
    return kernel;
  }

  private async explain(place: Place): Promise<void> {
    const state = this.state.value;
    if (!state.kernels[place.kernel] || !stageNames(state).includes(place.stage)) return;
    try {
      const picture = await this.sent.nameOf(state.picture);
      const at = `${place.stage}:${place.row},${place.column},${place.channel}`;
      const chain = await this.engine.explain(filterOf(state, place.kernel, picture), at, "explain");
      if (this.place.value === place) this.explained.value = { place, chain };
    } catch {
      this.explained.value = undefined; // the maps tell what is wrong
    }
  }
}
