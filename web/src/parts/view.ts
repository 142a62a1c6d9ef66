// A view as the frame of the page knows it. It is loaded, and opened with the engine, when it is first looked at; then it
// stays, and with it what was done there.
import type { VNode } from "preact";

export interface View {
  link(): string; // restores what is shown now
  content: VNode;
}
