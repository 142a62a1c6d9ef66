// A button that opens a file of the user's.
import { useRef } from "preact/hooks";

interface Props {
  label: string; // of the button
  name: string; // of what is opened
  accept: string;
  onFile: (file: File) => void;
}

export function FileButton({ label, name, accept, onFile }: Props) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button onClick={() => input.current?.click()}>{label}</button>
      <input
        ref={input}
        type="file"
        accept={accept}
        hidden
        aria-label={name}
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          if (file) onFile(file);
          event.currentTarget.value = "";
        }}
      />
    </>
  );
}
