// Copies a text, and says so for a moment.
import { useState } from "preact/hooks";

// Browsers hand out the clipboard to https and to this machine alone; elsewhere a selection is copied.
async function copy(text: string): Promise<void> {
  if (window.isSecureContext) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

export function CopyButton({ label, text }: { label: string; text: () => string }) {
  const [copied, setCopied] = useState(false);
  const onClick = async () => {
    await copy(text());
    setCopied(true);
    setTimeout(() => setCopied(false), 1500);
  };
  return <button onClick={() => void onClick()}>{copied ? "Copied" : label}</button>;
}
