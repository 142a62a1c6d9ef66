// What the Network view knows: its state, what the engine answered to it, and what the pointer is on.
import { batch, computed, effect, signal } from "@preact/signals";
import type { Engine } from "../../model/engine";
import { EngineError } from "../../model/engine";
import { firstLayer, fittingData, layerOf, shownLayers } from "../../model/layers";
import { latest } from "../../model/latest";
import type { DataSet, ExplainedValue, Filters, Look, Maps, Method, ModelEntry, Network, Subject } from "../../model/network_engine";
import { methodsOf, networkHash, networkOf, sampleText } from "../../model/network_state";
import type { NetworkState } from "../../model/network_state";
import { SentPictures } from "../../model/sent_pictures";
import { LinkedState } from "../../parts/linked_state";
import { Attributions } from "./attributions";

const gridSide = 96; // rows and columns of a map in the grid, at most
const detailSide = 512; // of the one that is enlarged

interface Place {
  row: number;
  column: number;
}

export class Store {
  private readonly linked = new LinkedState<NetworkState>("network", { to: networkHash, from: networkOf });
  readonly state = this.linked.state;
  readonly models = signal<ModelEntry[]>([]);
  readonly pictures = signal<string[]>([]);
  readonly dataSets = signal<DataSet[]>([]);
  readonly methods = signal<Method[]>([]);
  readonly network = signal<Network | undefined>(undefined);
  readonly look = signal<Look | undefined>(undefined);
  readonly subject = signal<Subject | undefined>(undefined); // that `look` is of
  readonly maps = signal<Maps | undefined>(undefined);
  readonly detail = signal<Maps | undefined>(undefined); // the enlarged channel alone
  readonly filters = signal<Filters | undefined>(undefined);
  readonly explained = signal<ExplainedValue | undefined>(undefined);
  readonly error = signal("");
  readonly pointed = signal<Place | undefined>(undefined); // while the pointer is there
  readonly sent: SentPictures;
  readonly modelFiles = new Map<string, string>(); // names of opened files, by the engine's name

  // What is shown where the state leaves it open.
  readonly model = computed(() => this.state.value.model || (this.models.value[0]?.id ?? ""));
  readonly picture = computed(() => this.state.value.picture || this.suitingPicture());
  readonly layers = computed(() => (this.network.value ? shownLayers(this.network.value) : []));
  readonly layer = computed(() => {
    const layers = this.layers.value;
    return layerOf(layers, this.state.value.layer) ?? layerOf(layers, firstLayer(layers));
  });
  // The tensor whose maps are shown: of the layer, or what its activation made that of.
  readonly tensor = computed(() => {
    const layer = this.layer.value;
    return (this.state.value.before && layer?.before) || layer?.tensor || "";
  });
  readonly shownMethods = computed(() => methodsOf(this.state.value, this.network.value?.multiply_adds ?? Infinity));
  readonly attributions = new Attributions(
    computed(() => {
      const { of } = this.state.value;
      return { subject: this.network.value?.classes ? this.subject.value : undefined, of, methods: this.shownMethods.value };
    }),
    (subject, methods, of) => this.asking(subject, (known) => this.engine.network.attribute(known, methods, of)),
  );
  readonly place = computed(() => this.pointed.value ?? this.state.value.at);

  private readonly modelBytes = new Map<string, Uint8Array<ArrayBuffer>>(); // to be sent again
  private readonly lookNext = latest<Subject>((subject) => this.run(subject));
  private readonly mapsNext = latest<{ subject: Subject; tensor: string }>((wanted) => this.readMaps(wanted));
  private readonly detailNext = latest<{ subject: Subject; tensor: string; channel: number }>((wanted) => this.readDetail(wanted));
  private readonly explainNext = latest<{ subject: Subject; at: string }>((wanted) => this.explain(wanted));

  constructor(private readonly engine: Engine) {
    this.sent = new SentPictures(engine);
    effect(() => void this.describe(this.model.value));
    effect(() => {
      const network = this.network.value;
      const picture = this.picture.value;
      if (network && picture) this.lookNext({ model: this.model.peek(), picture });
    });
    effect(() => {
      const subject = this.subject.value;
      const tensor = this.tensor.value;
      if (subject && tensor) this.mapsNext({ subject, tensor });
    });
    effect(() => {
      const maps = this.maps.value;
      const channel = this.state.value.channel;
      const subject = this.subject.peek();
      if (maps && subject && channel !== undefined && channel < maps.channels.length) {
        this.detailNext({ subject, tensor: maps.tensor, channel });
      } else {
        this.detail.value = undefined;
      }
    });
    effect(() => {
      const detail = this.detail.value;
      const place = this.place.value;
      const subject = this.subject.peek();
      if (detail && place && subject && place.row < detail.rows && place.column < detail.columns) {
        this.explainNext({ subject, at: this.atText(detail, place) });
      } else {
        this.explained.value = undefined;
      }
    });
    effect(() => void this.readFilters(this.model.value, this.state.value.tab === "filters" ? this.layer.value?.kernel : undefined));
    void this.start();
  }

  // Whether new pictures and models can be looked at.
  get computes(): boolean {
    return this.engine.computes;
  }

  link(): string {
    return this.linked.address();
  }

  set(change: Partial<NetworkState>): void {
    this.state.value = { ...this.state.value, ...change };
  }

  // A place of the layer's tensor as the engine writes it: units have no rows, lines no rows either.
  atText(detail: Maps, { row, column }: Place): string {
    const rank = this.look.value?.tensors.find(({ name }) => name === detail.tensor)?.shape.length ?? 4;
    const channel = detail.channels[0]!;
    if (rank === 2) return `${detail.tensor}:${channel}`;
    if (rank === 3) return `${detail.tensor}:${column},${channel}`;
    if (rank === 5) return `${detail.tensor}:${this.slice(detail, row)},${column},${channel}`;
    return `${detail.tensor}:${row},${column},${channel}`;
  }

  // Goes to a value that is named in an explanation; false where it cannot be looked at.
  goTo(tensor: string, at: number[]): boolean {
    const layer = this.layers.value.find((one) => one.tensor === tensor || one.before === tensor);
    if (!layer?.maps) return false;
    const channel = at[at.length - 1] ?? 0;
    const [row, column] = at.length === 3 ? [at[0]!, at[1]!] : at.length === 2 ? [0, at[0]!] : [0, 0];
    performance.mark("pick");
    this.set({ layer: layer.tensor!, before: layer.before === tensor, tab: "maps", channel, at: { row, column } });
    return true;
  }

  pickLayer(tensor: string): void {
    performance.mark("pick"); // until "maps painted"
    this.pointed.value = undefined;
    this.set({ layer: tensor, channel: undefined, at: undefined });
  }

  pickModel(model: string): void {
    this.set({ model, picture: "", layer: "", before: false, channel: undefined, at: undefined, of: undefined });
  }

  async openModel(bytes: Uint8Array<ArrayBuffer>, file: string): Promise<void> {
    try {
      const entry = await this.engine.network.addModel(bytes);
      this.modelBytes.set(entry.id, bytes);
      this.modelFiles.set(entry.id, file);
      batch(() => {
        this.error.value = "";
        if (!this.models.value.some(({ id }) => id === entry.id)) this.models.value = [...this.models.value, entry];
        this.pickModel(entry.id);
      });
    } catch (error) {
      this.error.value = (error as Error).message;
    }
  }

  async openPicture(bytes: Uint8Array<ArrayBuffer>, file: string): Promise<void> {
    try {
      const picture = await this.sent.open(bytes, file);
      batch(() => {
        this.error.value = "";
        this.set({ picture, of: undefined });
      });
    } catch (error) {
      this.error.value = (error as Error).message;
    }
  }

  // What `ask` answers of the subject; what the engine dropped is sent again.
  private async asking<Answer>(subject: Subject, ask: (subject: Subject) => Promise<Answer>): Promise<Answer> {
    const known = { model: subject.model, picture: await this.sent.nameOf(subject.picture) };
    return this.withModel(known.model, () => this.sent.asking(known.picture, () => ask(known)));
  }

  private async withModel<Answer>(model: string, ask: () => Promise<Answer>): Promise<Answer> {
    try {
      return await ask();
    } catch (error) {
      const bytes = this.modelBytes.get(model);
      if (!(error instanceof EngineError && error.status === 404 && bytes)) throw error;
      await this.engine.network.addModel(bytes);
      return ask();
    }
  }

  private slice(detail: Maps, row: number): string {
    const shape = this.look.value!.tensors.find(({ name }) => name === detail.tensor)!.shape;
    const rows = shape[2]!;
    return `${Math.floor(row / rows)},${row % rows}`;
  }

  // A sample of a data set whose pictures are the model's, else a photograph.
  private suitingPicture(): string {
    const network = this.network.value;
    if (!network || this.pictures.value.length === 0) return "";
    const data = fittingData(network, this.dataSets.value)[0];
    if (data) return sampleText(data.name, 0);
    return this.pictures.value.includes("chelsea") ? "chelsea" : this.pictures.value[0]!;
  }

  private async start(): Promise<void> {
    await this.telling(async () => {
      const { network } = this.engine;
      const [models, pictures, dataSets, methods] = await Promise.all([
        network.models(),
        this.engine.pictures(),
        network.dataSets(),
        network.methods(),
      ]);
      batch(() => {
        this.models.value = models;
        this.pictures.value = pictures;
        this.dataSets.value = dataSets;
        this.methods.value = methods;
      });
    });
  }

  private async describe(model: string): Promise<void> {
    if (!model) return;
    batch(() => {
      this.network.value = undefined;
      this.look.value = undefined;
      this.subject.value = undefined;
      this.maps.value = undefined;
    });
    await this.telling(async () => {
      const network = await this.withModel(model, () => this.engine.network.describe(model));
      if (this.model.peek() !== model) return;
      this.network.value = network;
    });
  }

  private run(subject: Subject): Promise<void> {
    return this.telling(async () => {
      const look = await this.asking(subject, (known) => this.engine.network.look(known));
      if (this.model.peek() !== subject.model) return;
      batch(() => {
        this.look.value = look;
        this.subject.value = subject;
      });
    });
  }

  private readMaps({ subject, tensor }: { subject: Subject; tensor: string }): Promise<void> {
    return this.telling(async () => {
      const maps = await this.asking(subject, (known) => this.engine.network.maps(known, tensor, gridSide));
      if (this.subject.peek() === subject && this.tensor.peek() === tensor) this.maps.value = maps;
    });
  }

  private readDetail({ subject, tensor, channel }: { subject: Subject; tensor: string; channel: number }): Promise<void> {
    return this.telling(async () => {
      const detail = await this.asking(subject, (known) => this.engine.network.maps(known, tensor, detailSide, [channel]));
      if (this.subject.peek() === subject && this.tensor.peek() === tensor && this.state.peek().channel === channel) this.detail.value = detail;
    });
  }

  private async explain({ subject, at }: { subject: Subject; at: string }): Promise<void> {
    await this.telling(async () => {
      const explained = await this.asking(subject, (known) => this.engine.network.explain(known, at));
      const [detail, place] = [this.detail.peek(), this.place.peek()];
      if (this.subject.peek() === subject && detail && place && this.atText(detail, place) === at) this.explained.value = explained;
    });
  }

  private async readFilters(model: string, parameter: string | undefined): Promise<void> {
    this.filters.value = undefined;
    if (!parameter) return;
    await this.telling(async () => {
      const filters = await this.withModel(model, () => this.engine.network.filters(model, parameter));
      if (this.layer.peek()?.kernel === parameter) this.filters.value = filters;
    });
  }

  private async telling(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.error.value = "";
    } catch (error) {
      if (error instanceof EngineError && error.status === 409) return; // a newer one is on its way
      this.error.value = (error as Error).message;
    }
  }
}
