// Light, dark, or as the system has it; kept by the browser.
import { useState } from "preact/hooks";

type Theme = "auto" | "light" | "dark";

function readTheme(): Theme {
  const kept = localStorage.getItem("convscope-theme");
  return kept === "light" || kept === "dark" ? kept : "auto";
}

function applyTheme(theme: Theme): void {
  if (theme === "auto") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
}

export function ThemeChoice() {
  const [theme, setTheme] = useState(readTheme);
  return (
    <>
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
    </>
  );
}

export function applyKeptTheme(): void {
  applyTheme(readTheme());
}
