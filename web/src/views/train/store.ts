// What the Train view knows: its state, the training that goes on, the runs, and what the engine answered about them.
import { batch, computed, effect, signal } from "@preact/signals";
import { EngineError } from "../../model/engine";
import { latest } from "../../model/latest";
import { follow } from "../../model/learning";
import { freeName, layersOf, settingsOf, startTrainState, trainFromHash, trainHash, wrongFields } from "../../model/train_state";
import type { TrainState } from "../../model/train_state";
import type { Choices, Curves, Evaluation, Look, LookRequest, NetworkCheck, Progress, Run, Trainer } from "../../model/training";
import { LinkedState } from "../../parts/linked_state";

export const goesOn = (state: Progress["state"]) => ["preparing", "running", "paused", "stopping"].includes(state);

export class Store {
  private readonly linked = new LinkedState<TrainState>("train", { to: trainHash, from: trainFromHash });
  readonly state = this.linked.state;
  readonly choices = signal<Choices | undefined>(undefined);
  readonly check = signal<NetworkCheck | undefined>(undefined);
  readonly progress = signal<Progress | undefined>(undefined);
  readonly runs = signal<Run[]>([]);
  readonly curves = signal<Map<string, Curves>>(new Map()); // of runs, by name
  readonly look = signal<Look | undefined>(undefined);
  readonly lookError = signal("");
  readonly evaluation = signal<{ run: string; result: Evaluation } | undefined>(undefined);
  readonly error = signal("");
  readonly lost = signal(false); // the engine
  private readonly visible = signal(!document.hidden);
  readonly busy = signal(false); // a request to begin is under way

  readonly wrong = computed(() => {
    const wrong = wrongFields(this.state.value);
    if (this.runs.value.some(({ name }) => name === this.state.value.name)) wrong.add("name"); // a run's name is its own
    return wrong;
  });
  readonly isTraining = computed(() => goesOn(this.progress.value?.state ?? "idle"));
  readonly dataset = computed(() => this.choices.value?.datasets.find(({ name }) => name === this.state.value.data));
  // The run that is looked at.
  readonly shown = computed(() => this.state.value.shown || this.progress.value?.run || this.runs.value[0]?.name || "");
  readonly shownIsLive = computed(() => this.shown.value !== "" && this.shown.value === this.progress.value?.run);
  readonly runName = computed(() => {
    const { name, model } = this.state.value;
    return name || freeName(model, this.runs.value.map((run) => run.name));
  });

  private readonly askCheck = latest<void>(() => this.runCheck());
  private readonly askState = latest<void>(() => this.readState());
  private readonly askLook = latest<LookRequest>((request) => this.runLook(request));
  private readonly askCurves = latest<string[]>((names) => this.readCurves(names));

  constructor(private readonly trainer: Trainer) {
    const checked = computed(() => JSON.stringify([this.state.value.data, this.state.value.model, this.state.value.layers]));
    effect(() => {
      void checked.value;
      this.askCheck();
    });
    // What is looked at: again when something else is chosen, and while it learns with every event.
    effect(() => {
      const { live, layer, sample, at } = this.state.value;
      const run = this.shown.value;
      if (this.shownIsLive.value) void this.progress.value;
      if (!this.visible.value || !live || !run || this.progress.value?.state === "preparing") return;
      const known = this.shownIsLive.value || this.runs.value.some(({ name }) => name === run);
      if (known) this.askLook({ run, layer, sample, ...(at ? { step: Number(at) } : {}) });
    });
    effect(() => {
      const wanted = [this.shown.value, ...this.state.value.compare];
      const known = this.runs.value.map(({ name }) => name);
      const missing = wanted.filter((name) => name && name !== this.progress.peek()?.run && known.includes(name) && !this.curves.peek().has(name));
      if (missing.length > 0) this.askCurves(missing);
    });
    // The matrix of a run that has ended.
    effect(() => {
      const run = this.shown.value;
      const found = this.runs.value.find(({ name }) => name === run);
      const ended = found?.test_accuracy !== undefined && this.choices.value?.datasets.some(({ name }) => name === found.settings.data);
      if (run && ended && this.evaluation.peek()?.run !== run) void this.evaluate(run);
    });
    document.addEventListener("visibilitychange", () => (this.visible.value = !document.hidden));
    trainer.listen((progress) => this.hear(progress));
    trainer.connection((open) => {
      const again = open && this.lost.peek();
      this.lost.value = !open;
      if (again) void this.start(); // whatever happened meanwhile
    });
    void this.start();
  }

  link(): string {
    return this.linked.address();
  }

  // Of a run in the list; 0 where its data are not here.
  stepsPerEpochOf(run: string): number {
    const settings = this.runs.value.find(({ name }) => name === run)?.settings;
    const data = this.choices.value?.datasets.find(({ name }) => name === settings?.data);
    if (!settings || !data || !["test", "none"].includes(settings.validation)) return 0;
    return Math.ceil(data.train / settings.batch_size);
  }

  set(change: Partial<TrainState>): void {
    this.state.value = { ...this.state.value, ...change };
  }

  private async attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.error.value = "";
    } catch (error) {
      this.error.value = (error as Error).message;
    }
  }

  private async start(): Promise<void> {
    await this.attempt(async () => {
      this.choices.value = await this.trainer.choices();
    });
    await this.readState();
    await this.attempt(() => this.readRuns());
  }

  private async readRuns(): Promise<void> {
    this.runs.value = (await this.trainer.runs()).reverse();
  }

  private hear(progress: Progress): void {
    const before = this.progress.peek();
    if (before && progress.number < before.number) return;
    const run = progress.run;
    const known = this.curves.peek().get(run);
    const curves = follow(before?.run === run && known ? { run, curves: known } : undefined, progress);
    if (run && !curves) {
      this.askState();
      return;
    }
    this.accept(progress, curves);
  }

  private accept(progress: Progress, curves: Curves | undefined): void {
    const before = this.progress.peek();
    const run = progress.run;
    batch(() => {
      if (run && curves) this.keep(run, curves);
      this.progress.value = progress;
      if (goesOn(progress.state) && this.evaluation.peek()?.run === run) this.evaluation.value = undefined;
    });
    if (before && (before.run !== run || goesOn(before.state) !== goesOn(progress.state))) {
      this.readRuns().catch((error: Error) => (this.error.value = error.message));
    }
  }

  private async readState(): Promise<void> {
    await this.attempt(async () => {
      const { progress, curves } = await this.trainer.state();
      if (progress.number < (this.progress.peek()?.number ?? 0)) return; // an event was faster
      this.accept(progress, curves);
    });
  }

  private keep(run: string, curves: Curves): void {
    this.curves.value = new Map(this.curves.value).set(run, curves);
  }

  private async readCurves(names: string[]): Promise<void> {
    for (const name of names) {
      try {
        this.keep(name, (await this.trainer.curves([name]))[0]!);
      } catch {
        // A run that was broken off before its first checkpoint has none; the list says how it stands.
      }
    }
  }

  private async runCheck(): Promise<void> {
    const { data, model } = this.state.peek();
    const layers = layersOf(this.state.peek());
    try {
      this.check.value = await this.trainer.check({ model, data, ...(layers ? { layers } : {}) });
    } catch (error) {
      if (error instanceof EngineError && error.status === 409) return;
      const parts = error instanceof EngineError ? error.parts : { where: "", rule: (error as Error).message, received: "", fix: "" };
      this.check.value = { layers: [], parameters: 0, wrong: { layer: 0, ...parts } };
    }
  }

  private async runLook(request: LookRequest): Promise<void> {
    try {
      const look = await this.trainer.look(request);
      batch(() => {
        this.look.value = look;
        this.lookError.value = "";
      });
    } catch (error) {
      if (error instanceof EngineError && error.status === 409) return;
      this.lookError.value = (error as Error).message;
      // The layer of another network that was looked at before.
      if (error instanceof EngineError && error.parts.where === "layer" && this.state.peek().layer) this.set({ layer: "" });
    }
  }

  private async evaluate(run: string): Promise<void> {
    try {
      const result = await this.trainer.evaluate(run);
      if (this.shown.peek() === run) this.evaluation.value = { run, result };
    } catch (error) {
      if (error instanceof EngineError && error.status === 409) return;
      this.error.value = (error as Error).message;
    }
  }

  async begin(): Promise<void> {
    const run = this.runName.peek();
    this.busy.value = true;
    await this.attempt(async () => {
      await this.trainer.start(run, settingsOf(this.state.peek()), layersOf(this.state.peek()));
      this.set({ shown: "", at: "", name: "", layer: "" });
      await this.readRuns();
    });
    this.busy.value = false;
  }

  async resume(run: string): Promise<void> {
    this.busy.value = true;
    await this.attempt(async () => {
      await this.trainer.resume(run);
      this.set({ shown: "", at: "", layer: "" });
      await this.readRuns();
    });
    this.busy.value = false;
  }

  async steer(what: "pause" | "step" | "continue" | "stop"): Promise<void> {
    await this.attempt(() => this.trainer.steer(what));
  }

  // The built-in network's layers, to be edited.
  editLayers(lines: string[]): void {
    this.set({ layers: lines, model: "" });
  }

  chooseModel(model: string): void {
    this.set({ model, layers: [] });
  }

  reset(): void {
    this.state.value = { ...startTrainState(), shown: this.state.value.shown };
  }
}
