// The page: its frame, and the view in it.
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Engine } from "./model/engine";
import { HttpEngine } from "./model/http_engine";
import { CopyButton } from "./parts/copy_button";
import { viewOf } from "./parts/linked_state";
import { ThemeChoice, applyKeptTheme } from "./parts/theme";
import type { View } from "./parts/view";
import "./style.css";

const views: Record<string, { title: string; load: () => Promise<{ open: (engine: Engine) => View }> }> = {
  playground: { title: "Playground", load: () => import("./views/playground/playground") },
  network: { title: "Network", load: () => import("./views/network/network") },
  train: { title: "Train", load: () => import("./views/train/train") },
};
const firstView = Object.keys(views)[0]!;

function namedView(): string {
  const name = viewOf(location.hash);
  return Object.hasOwn(views, name) ? name : firstView;
}

const opened = new Map<string, View>();

function Studio({ engine }: { engine: Engine }) {
  const [name, setName] = useState(namedView);
  const [view, setView] = useState<View | undefined>(undefined);
  useEffect(() => {
    const follow = () => setName(namedView());
    window.addEventListener("hashchange", follow);
    return () => window.removeEventListener("hashchange", follow);
  }, []);
  useEffect(() => {
    let wanted = true;
    void views[name]!.load().then(({ open }) => {
      if (!wanted) return;
      if (!opened.has(name)) opened.set(name, open(engine));
      setView(opened.get(name)!);
      document.title = `${views[name]!.title} · convscope`;
    });
    return () => {
      wanted = false;
    };
  }, [name]);
  return (
    <>
      <header class="top">
        <h1>
          <span class="mark" aria-hidden="true" /> convscope
        </h1>
        <nav aria-label="Views">
          {Object.entries(views).map(([key, { title }]) => (
            <a key={key} href={`#${key}`} aria-current={key === name ? "page" : undefined}>
              {title}
            </a>
          ))}
        </nav>
        <div class="tools">
          <CopyButton label="Copy link" text={() => view?.link() ?? location.href} />
          <ThemeChoice />
        </div>
      </header>
      {view?.content}
    </>
  );
}

applyKeptTheme();
if (!Object.hasOwn(views, viewOf(location.hash))) history.replaceState(null, "", `#${firstView}`);
render(<Studio engine={new HttpEngine()} />, document.getElementById("app")!);
