// The lines that make the same elsewhere, to be copied.
import { useState } from "preact/hooks";
import { CopyButton } from "./copy_button";

export type Language = "Command" | "C++" | "Keras";
const languages: Language[] = ["Command", "C++", "Keras"];

export function Reproduce({ lines }: { lines: (language: Language) => string }) {
  const [kind, setKind] = useState<Language>("Command");
  const text = lines(kind);
  return (
    <section class="reproduce" aria-label="The same elsewhere">
      <header>
        <h2>The same elsewhere</h2>
        <div class="tabs" role="group" aria-label="Language">
          {languages.map((name) => (
            <button key={name} aria-pressed={kind === name} onClick={() => setKind(name)}>
              {name}
            </button>
          ))}
        </div>
        <CopyButton label="Copy" text={() => text} />
      </header>
      <pre tabIndex={0} role="region" aria-label={`${kind} lines`}>
        <code>{text}</code>
      </pre>
    </section>
  );
}
