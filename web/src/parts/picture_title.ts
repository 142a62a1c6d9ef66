import { sampleOf } from "../model/network_state";

// What a picture is called on the page: a bundled one, a sample, a file.
export function pictureTitle(name: string): string {
  const sample = sampleOf(name);
  if (sample) return `${sample.name}, test picture ${sample.number}`;
  return name.includes(".") ? name.replace(/^.*\//, "") : name.replace(/_/g, " ").replace("train ", "digit ");
}
