// Layers as lines of text: "Conv2D filters=8 kernel_size=3 activation=relu", with Keras' names and arguments.
import type { LayerConfig, Value } from "./training";

function parseValue(text: string): Value {
  if (text === "None" || text === "null") return null;
  if (text === "True" || text === "true") return true;
  if (text === "False" || text === "false") return false;
  if (/^-?\d+(,-?\d+)+$/.test(text)) return text.split(",").map(Number);
  if (/^[[{"]/.test(text) || /^-?[\d.]/.test(text)) {
    try {
      return JSON.parse(text) as Value;
    } catch {
      return text; // the engine tells what is wrong with it
    }
  }
  return text;
}

// Settings that one number stands for, where it is the same for rows and columns.
const perAxis = new Set(["kernel_size", "strides", "pool_size", "dilation_rate", "size"]);

function valueText(value: Value, name: string): string {
  if (typeof value === "string") return /^[A-Za-z][\w./-]*$/.test(value) && !/^(None|null|True|true|False|false)$/.test(value) ? value : JSON.stringify(value).replaceAll(" ", "\\u0020");
  if (Array.isArray(value) && value.length > 1 && value.every((item) => Number.isInteger(item))) {
    return perAxis.has(name) && value.every((item) => item === value[0]) ? String(value[0]) : value.join(",");
  }
  if (value === null) return "None";
  return JSON.stringify(value);
}

export function parseLayer(line: string): LayerConfig {
  const [class_name = "", ...words] = line.trim().split(/\s+/);
  const config: Record<string, Value> = {};
  for (const word of words) {
    const equals = word.indexOf("=");
    const name = equals < 0 ? word : word.slice(0, equals);
    config[name] = equals < 0 ? true : parseValue(word.slice(equals + 1));
  }
  return { class_name, config };
}

export function layerLine({ class_name, config }: LayerConfig): string {
  const { name, ...rest } = config;
  const ordered = [...Object.entries(rest), ...(name === undefined ? [] : [["name", name] as const])];
  return [class_name, ...ordered.map(([key, value]) => `${key}=${valueText(value, key)}`)].join(" ");
}
