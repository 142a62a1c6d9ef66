// A grey picture of 8 bits as the bytes of a PNG file, not compressed: for what is drawn on the page, which the engine
// reads as it reads any picture.

const crcTable = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});

function crc(bytes: Uint8Array): number {
  let c = 0xffffffff;
  for (const byte of bytes) c = crcTable[(c ^ byte) & 255]! ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}

function adler(bytes: Uint8Array): number {
  let [a, b] = [1, 0];
  for (const byte of bytes) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return ((b << 16) | a) >>> 0;
}

function word(value: number): number[] {
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
}

function chunk(type: string, data: number[]): number[] {
  const body = Uint8Array.from([...[...type].map((letter) => letter.charCodeAt(0)), ...data]);
  return [...word(data.length), ...body, ...word(crc(body))];
}

// Throws Error where it would not fit one block (65,535 bytes).
export function greyPng(width: number, height: number, pixels: Uint8Array): Uint8Array<ArrayBuffer> {
  const raw = new Uint8Array((width + 1) * height);
  if (raw.length > 0xffff) throw new Error("greyPng: a drawing has at most 65,535 bytes");
  for (let row = 0; row < height; row++) {
    raw.set(pixels.subarray(row * width, (row + 1) * width), row * (width + 1) + 1); // behind its filter, 0: none
  }
  const [low, high] = [raw.length & 255, raw.length >> 8];
  const stored = [0x78, 0x01, 1, low, high, low ^ 255, high ^ 255, ...raw, ...word(adler(raw))];
  return Uint8Array.from([
    ...[0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
    ...chunk("IHDR", [...word(width), ...word(height), 8, 0, 0, 0, 0]),
    ...chunk("IDAT", stored),
    ...chunk("IEND", []),
  ]);
}
