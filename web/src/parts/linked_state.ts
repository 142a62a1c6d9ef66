// The state of a view, kept in the page's address as "#NAME?...": opening the address restores it, and what changes
// while the view is open goes into it.
import { effect, signal } from "@preact/signals";
import type { Signal } from "@preact/signals";

// How a state stands in an address: what `from` is not told, or told wrongly, is as at the start.
export interface LinkText<State> {
  to(state: State): string; // "NAME?..."
  from(hash: string): State;
}

export function viewOf(hash: string): string {
  return /^#?([a-z]*)/.exec(hash)![1]!;
}

export class LinkedState<State> {
  readonly state: Signal<State>;
  private timer: number | undefined;

  constructor(
    private readonly name: string,
    private readonly text: LinkText<State>,
  ) {
    this.state = signal(text.from(this.isOpen() ? location.hash : ""));
    effect(() => {
      void this.state.value;
      this.keep();
    });
    window.addEventListener("hashchange", () => {
      const bare = location.hash.slice(1) === this.name; // back from another view: as it was left
      if (bare) this.keep();
      else if (this.isOpen()) this.state.value = text.from(location.hash);
    });
  }

  // What is shown now, also before the page's address says so; without a token, which is not for everybody.
  address(): string {
    return `${location.origin}${location.pathname}#${this.text.to(this.state.value)}`;
  }

  private isOpen(): boolean {
    return viewOf(location.hash) === this.name;
  }

  // Not at each step of a drag: browsers let a page change its address only so often.
  private keep(): void {
    this.timer ??= window.setTimeout(() => {
      this.timer = undefined;
      if (this.isOpen()) history.replaceState(null, "", `#${this.text.to(this.state.value)}`);
    }, 200);
  }
}
