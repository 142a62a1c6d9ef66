// Texts that choose something by name and set it: "sgd:momentum=0.9,nesterov=1" (optimizers), "step:1000:0.1" (schedules
// and losses), as `convscope train` takes them.
import type { Choice } from "./training";

export interface Chosen {
  name: string;
  values: string[]; // one a setting of the choice, in its order
}

function standardTexts(choice: Choice): string[] {
  return choice.settings.map(({ standard }) => (typeof standard === "boolean" ? (standard ? "1" : "0") : String(standard)));
}

export function parseNamed(text: string, choices: Choice[]): Chosen {
  const [name = "", rest = ""] = text.split(/:(.*)/s);
  const choice = choices.find((one) => one.name === name);
  if (!choice) return { name, values: [] };
  const given = new Map(rest.split(",").map((part) => part.split("=") as [string, string]));
  return { name, values: standardTexts(choice).map((standard, i) => given.get(choice.settings[i]!.name) ?? standard) };
}

// What is as it is when nothing is said is left out.
export function namedText({ name, values }: Chosen, choices: Choice[]): string {
  const choice = choices.find((one) => one.name === name);
  if (!choice) return name;
  const standard = standardTexts(choice);
  const said = values.flatMap((value, i) => (value === standard[i] ? [] : [`${choice.settings[i]!.name}=${value}`]));
  return said.length > 0 ? `${name}:${said.join(",")}` : name;
}

export function parsePlaced(text: string, choices: Choice[]): Chosen {
  const [name = "", ...given] = text.split(":");
  const choice = choices.find((one) => one.name === name);
  if (!choice) return { name, values: [] };
  return { name, values: standardTexts(choice).map((standard, i) => given[i] ?? standard) };
}

export function placedText({ name, values }: Chosen): string {
  return [name, ...values].join(":");
}
