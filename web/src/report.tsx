// The page of a report: the Network view on the data that stand in the page itself.
import { render } from "preact";
import { reportEngine } from "./model/report_engine";
import { ThemeChoice, applyKeptTheme } from "./parts/theme";
import "./style.css";
import { open } from "./views/network/network";

async function readData(): Promise<ArrayBuffer> {
  const text = document.getElementById("data")!.textContent!;
  const packed = Uint8Array.from(atob(text.trim()), (letter) => letter.charCodeAt(0));
  return new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}

async function show(): Promise<void> {
  const engine = reportEngine(await readData());
  const [model] = await engine.network.models();
  document.title = `${model!.title} · convscope`;
  history.replaceState(null, "", location.hash || "#network");
  render(
    <>
      <header class="top">
        <h1>
          <span class="mark" aria-hidden="true" /> {model!.title}
        </h1>
        <div class="tools">
          <ThemeChoice />
        </div>
      </header>
      {open(engine).content}
    </>,
    document.getElementById("app")!,
  );
}

applyKeptTheme();
void show();
