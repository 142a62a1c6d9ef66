// Reads the bytes of a safetensors file: float32 tensors by name, and its metadata.
import type { Tensor } from "./engine";

export interface TensorFile {
  tensors: Map<string, Tensor>;
  metadata: Record<string, string>;
}

interface Entry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

const lengthBytes = 8;

// Throws Error for bytes that are no such file.
export function readSafetensors(bytes: ArrayBuffer): TensorFile {
  if (bytes.byteLength < lengthBytes) throw new Error("safetensors: the file ends before its header");
  const headerBytes = Number(new DataView(bytes).getBigUint64(0, true));
  const start = lengthBytes + headerBytes;
  if (start > bytes.byteLength) throw new Error("safetensors: the file ends within its header");
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, lengthBytes, headerBytes))) as Record<
    string,
    Entry | Record<string, string>
  >;
  const file: TensorFile = { tensors: new Map(), metadata: {} };
  for (const [name, entry] of Object.entries(header)) {
    if (name === "__metadata__") file.metadata = entry as Record<string, string>;
    else file.tensors.set(name, tensorOf(name, entry as Entry, bytes, start));
  }
  return file;
}

function tensorOf(name: string, entry: Entry, bytes: ArrayBuffer, start: number): Tensor {
  const { dtype, shape } = entry;
  const [begin, end] = entry.data_offsets;
  const count = shape.reduce((product, length) => product * length, 1);
  if (dtype !== "F32") throw new Error(`safetensors: ${name} is ${dtype}; only F32 is read here`);
  if (end - begin !== 4 * count || begin < 0 || start + end > bytes.byteLength) {
    throw new Error(`safetensors: ${name} has not the bytes that its shape asks for`);
  }
  return { shape, values: new Float32Array(bytes, start + begin, count) };
}
