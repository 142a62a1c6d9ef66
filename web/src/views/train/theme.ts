// The page's colours for what is drawn on a canvas, which takes none of its styles by itself.
import { useEffect, useState } from "preact/hooks";

export interface Colours {
  dark: boolean;
  text: string;
  soft: string;
  line: string;
  card: string;
}

export function readColours(): Colours {
  const style = getComputedStyle(document.documentElement);
  const get = (name: string) => style.getPropertyValue(name).trim();
  return { dark: style.colorScheme === "dark", text: get("--text"), soft: get("--soft"), line: get("--line"), card: get("--card") };
}

// Those of now; again when the page's scheme changes.
export function useColours(): Colours {
  const [colours, setColours] = useState(readColours);
  useEffect(() => {
    const change = () => setColours(readColours());
    const media = matchMedia("(prefers-color-scheme: dark)");
    media.addEventListener("change", change);
    const observer = new MutationObserver(change);
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    return () => {
      media.removeEventListener("change", change);
      observer.disconnect();
    };
  }, []);
  return colours;
}

// Told apart without colours by their dashes too.
const lightLines = ["#1f4fbf", "#c2410c", "#0b7a4b", "#9333a8", "#7a5c00", "#0e7490"];
const darkLines = ["#8fb0ff", "#ff9a5c", "#4fd89b", "#dd9cf0", "#e3c25a", "#62d3e6"];
const dashes = [[], [9, 4], [3, 3], [12, 3, 3, 3], [6, 6], [2, 6]];

export function lineStyle(index: number, dark: boolean): { colour: string; dash: number[] } {
  const colours = dark ? darkLines : lightLines;
  return { colour: colours[index % colours.length]!, dash: dashes[index % dashes.length]! };
}
