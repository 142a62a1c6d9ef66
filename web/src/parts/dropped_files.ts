// Files that are dropped or pasted anywhere on the page.
import { useEffect, useRef, useState } from "preact/hooks";

// Calls `take` with the one that is meant; tells whether one is being held over the page.
export function useDroppedFiles(take: (file: File) => void): boolean {
  const [over, setOver] = useState(false);
  const latest = useRef(take);
  latest.current = take;
  useEffect(() => {
    const takeOne = (list: FileList | null | undefined) => {
      const one = [...(list ?? [])].find(({ type }) => type.startsWith("image/")) ?? list?.[0];
      if (one) latest.current(one);
    };
    const drop = (event: DragEvent) => {
      event.preventDefault();
      setOver(false);
      takeOne(event.dataTransfer?.files);
    };
    const drag = (event: DragEvent) => {
      event.preventDefault();
      setOver(event.type === "dragover");
    };
    const paste = (event: ClipboardEvent) => {
      if (event.clipboardData?.files.length) takeOne(event.clipboardData.files);
    };
    window.addEventListener("drop", drop);
    window.addEventListener("dragover", drag);
    window.addEventListener("dragleave", drag);
    window.addEventListener("paste", paste);
    return () => {
      window.removeEventListener("drop", drop);
      window.removeEventListener("dragover", drag);
      window.removeEventListener("dragleave", drag);
      window.removeEventListener("paste", paste);
    };
  }, []);
  return over;
}
