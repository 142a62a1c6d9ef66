// The page: its frame, and the view in it.
import { render } from "preact";
import { useState } from "preact/hooks";
import { HttpEngine } from "./model/http_engine";
import { CopyButton } from "./parts/copy_button";
import "./style.css";
import { Playground } from "./views/playground/playground";
import { Store } from "./views/playground/store";

type Theme = "auto" | "light" | "dark";

function readTheme(): Theme {
  const kept = localStorage.getItem("convscope-theme");
  return kept === "light" || kept === "dark" ? kept : "auto";
}

function applyTheme(theme: Theme): void {
  if (theme === "auto") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
}

function Studio({ store }: { store: Store }) {
  const [theme, setTheme] = useState(readTheme);
  return (
    <>
      <header class="top">
        <h1>
          <span class="mark" aria-hidden="true" /> convscope <span>playground</span>
        </h1>
        <nav aria-label="Page">
          <CopyButton label="Copy link" text={() => store.link()} />
          <label class="sr" for="theme">
            Colours of the page
          </label>
          <select
            id="theme"
            value={theme}
            onChange={(event) => {
              const chosen = event.currentTarget.value as Theme;
              localStorage.setItem("convscope-theme", chosen);
              applyTheme(chosen);
              setTheme(chosen);
            }}
          >
            <option value="auto">system colours</option>
            <option value="light">light</option>
            <option value="dark">dark</option>
          </select>
        </nav>
      </header>
      <Playground store={store} />
    </>
  );
}

applyTheme(readTheme());
render(<Studio store={new Store(new HttpEngine())} />, document.getElementById("app")!);
