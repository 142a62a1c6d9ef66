// Events of the engine, one stream for all tabs of a browser: the tab that holds a lock has the stream and relays it,
// and when it is closed the lock, and with it the stream, goes to another. Where a browser has no locks or channels each
// tab has its own stream.

// What an EventSource is, as far as it is used here.
export interface Source {
  addEventListener(topic: string, heard: (event: { data: string }) => void): void;
  close(): void;
}

// What a BroadcastChannel is; it does not hear itself.
export interface Channel {
  postMessage(message: Message): void;
  onmessage: ((event: { data: Message }) => void) | null;
}

export type Message = { want: string } | { topic: string; data: string };

export interface Surroundings {
  open(): Source;
  channel?: Channel | undefined;
  // Calls `held` once the lock is ours; it is kept until the tab ends.
  lock?: ((held: () => void) => void) | undefined;
}

export class SharedEvents {
  private readonly listeners = new Map<string, Set<(data: string) => void>>();
  private readonly newest = new Map<string, string>();
  private readonly relayed = new Set<string>(); // topics that the stream of this tab is asked for
  private source: Source | undefined;
  private begun = false;

  constructor(private readonly around: Surroundings) {}

  listen(topic: string, heard: (data: string) => void): () => void {
    this.begin();
    const listeners = this.listeners.get(topic) ?? new Set();
    this.listeners.set(topic, listeners);
    listeners.add(heard);
    const known = this.newest.get(topic);
    if (known !== undefined) heard(known);
    this.want(topic);
    return () => listeners.delete(heard);
  }

  private begin(): void {
    if (this.begun) return;
    this.begun = true;
    const { channel, lock } = this.around;
    if (!channel || !lock) {
      this.lead();
      return;
    }
    channel.onmessage = ({ data: message }) => {
      if ("topic" in message) this.hear(message.topic, message.data);
      else if (this.source) this.relay(message.want);
    };
    lock(() => this.lead());
  }

  // Whether the stream stands is told as one more topic: "connection", "open" or "lost".
  private lead(): void {
    this.source = this.around.open();
    this.source.addEventListener("open", () => this.tell("connection", "open"));
    this.source.addEventListener("error", () => this.tell("connection", "lost"));
    for (const topic of this.listeners.keys()) this.relay(topic);
  }

  private want(topic: string): void {
    if (this.source) this.relay(topic);
    else this.around.channel?.postMessage({ want: topic });
  }

  // Who asks again, a tab that came late, gets the newest event at once.
  private relay(topic: string): void {
    const known = this.newest.get(topic);
    if (known !== undefined) this.around.channel?.postMessage({ topic, data: known });
    if (this.relayed.has(topic)) return;
    this.relayed.add(topic);
    this.source!.addEventListener(topic, ({ data }) => this.tell(topic, data));
  }

  private tell(topic: string, data: string): void {
    this.hear(topic, data);
    this.around.channel?.postMessage({ topic, data });
  }

  private hear(topic: string, data: string): void {
    this.newest.set(topic, data);
    for (const heard of this.listeners.get(topic) ?? []) heard(data);
  }
}

// The stream of `convscope serve`.
export function browserEvents(address: string): SharedEvents {
  const name = "convscope-events";
  const shared = "BroadcastChannel" in globalThis && globalThis.navigator?.locks !== undefined;
  return new SharedEvents({
    open: () => new EventSource(address) as unknown as Source,
    channel: shared ? (new BroadcastChannel(name) as unknown as Channel) : undefined,
    lock: shared
      ? (held) =>
          void navigator.locks.request(name, () => {
            held();
            return new Promise(() => undefined);
          })
      : undefined,
  });
}
