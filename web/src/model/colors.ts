// Which colour stands for a value: the maps and the rules of convscope's figures (convscope/figures/color_map.cc and
// scale.cc), so that a map looks the same on the page and in a file.

export type MapName = "grey" | "viridis" | "diverging";

export interface Scale {
  map: MapName;
  low: number;
  high: number;
}

// What the values of a map are like, over all of it; see ValueRange.
export interface ValueRange {
  low: number;
  high: number;
  count: number;
  not_finite: number;
  usual: number;
}

export type Signs = "both" | "non_negative";

// Viridis by Stefan van der Walt and Nathaniel Smith (2015), in the public domain (CC0).
const viridisHex =
  "44015444025645045745055946075a46085c460a5d460b5e470d60470e6147106347116447136548146748166848176948186a481a6c" +
  "481b6d481c6e481d6f481f70482071482173482374482475482576482677482878482979472a7a472c7a472d7b472e7c472f7d46307e" +
  "46327e46337f463480453581453781453882443983443a83443b84433d84433e85423f85424086424186414287414487404588404688" +
  "3f47883f48893e49893e4a893e4c8a3d4d8a3d4e8a3c4f8a3c508b3b518b3b528b3a538b3a548c39558c39568c38588c38598c375a8c" +
  "375b8d365c8d365d8d355e8d355f8d34608d34618d33628d33638d32648e32658e31668e31678e31688e30698e306a8e2f6b8e2f6c8e" +
  "2e6d8e2e6e8e2e6f8e2d708e2d718e2c718e2c728e2c738e2b748e2b758e2a768e2a778e2a788e29798e297a8e297b8e287c8e287d8e" +
  "277e8e277f8e27808e26818e26828e26828e25838e25848e25858e24868e24878e23888e23898e238a8d228b8d228c8d228d8d218e8d" +
  "218f8d21908d21918c20928c20928c20938c1f948c1f958b1f968b1f978b1f988b1f998a1f9a8a1e9b8a1e9c891e9d891f9e891f9f88" +
  "1fa0881fa1881fa1871fa28720a38620a48621a58521a68522a78522a88423a98324aa8325ab8225ac8226ad8127ad8128ae8029af7f" +
  "2ab07f2cb17e2db27d2eb37c2fb47c31b57b32b67a34b67935b77937b87838b9773aba763bbb753dbc743fbc7340bd7242be7144bf70" +
  "46c06f48c16e4ac16d4cc26c4ec36b50c46a52c56954c56856c66758c7655ac8645cc8635ec96260ca6063cb5f65cb5e67cc5c69cd5b" +
  "6ccd5a6ece5870cf5773d05675d05477d1537ad1517cd2507fd34e81d34d84d44b86d54989d5488bd6468ed64590d74393d74195d840" +
  "98d83e9bd93c9dd93ba0da39a2da37a5db36a8db34aadc32addc30b0dd2fb2dd2db5de2bb8de29bade28bddf26c0df25c2df23c5e021" +
  "c8e020cae11fcde11dd0e11cd2e21bd5e21ad8e219dae319dde318dfe318e2e418e5e419e7e419eae51aece51befe51cf1e51df4e61e" +
  "f6e620f8e621fbe723fde725";

type Triple = [number, number, number];

function toLinear(channel: number): number {
  const v = channel / 255;
  return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
}

function fromLinear(linear: number): number {
  const v = Math.min(Math.max(linear, 0), 1);
  return Math.round(255 * (v <= 0.0031308 ? 12.92 * v : 1.055 * v ** (1 / 2.4) - 0.055));
}

const whiteX = 0.95047;
const whiteZ = 1.08883;

function toLab([red, green, blue]: Triple): Triple {
  const [r, g, b] = [toLinear(red), toLinear(green), toLinear(blue)];
  const f = (t: number) => (t > 216 / 24389 ? Math.cbrt(t) : ((24389 / 27) * t + 16) / 116);
  const x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / whiteX);
  const y = f(0.2126 * r + 0.7152 * g + 0.0722 * b);
  const z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / whiteZ);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

function fromLab([l, a, b]: Triple): Triple {
  const f = (t: number) => (t > 6 / 29 ? t * t * t : ((116 * t - 16) * 27) / 24389);
  const middle = (l + 16) / 116;
  const [x, y, z] = [whiteX * f(middle + a / 500), f(middle), whiteZ * f(middle - b / 200)];
  return [
    fromLinear(3.2406 * x - 1.5372 * y - 0.4986 * z),
    fromLinear(-0.9689 * x + 1.8758 * y + 0.0415 * z),
    fromLinear(0.0557 * x - 0.204 * y + 1.057 * z),
  ];
}

// One half of Kenneth Moreland's diverging map, from a saturated colour (t = 0) to neutral (t = 1) in Msh.
function towardsNeutral(saturated: Triple, t: number): Triple {
  const neutralM = 98;
  const [l, a, b] = toLab(saturated);
  const m = Math.hypot(l, a, b);
  const s = Math.acos(l / m);
  const h = Math.atan2(b, a);
  const spin = (s * Math.sqrt(neutralM * neutralM - m * m)) / (m * Math.sin(s));
  const neutralH = h > -Math.PI / 3 ? h + spin : h - spin;
  const [atM, atS, atH] = [m + t * (neutralM - m), s * (1 - t), h + t * (neutralH - h)];
  return fromLab([atM * Math.cos(atS), atM * Math.sin(atS) * Math.cos(atH), atM * Math.sin(atS) * Math.sin(atH)]);
}

function diverging(): Triple[] {
  const colors: Triple[] = new Array(257);
  for (let i = 0; i <= 128; i++) {
    colors[i] = towardsNeutral([59, 76, 192], i / 128);
    colors[256 - i] = towardsNeutral([180, 4, 38], i / 128);
  }
  return colors;
}

function viridis(): Triple[] {
  return Array.from({ length: 256 }, (_, i) => {
    const rgb = parseInt(viridisHex.slice(6 * i, 6 * i + 6), 16);
    return [rgb >> 16, (rgb >> 8) & 255, rgb & 255];
  });
}

const palettes: Record<MapName, readonly Triple[]> = {
  grey: Array.from({ length: 256 }, (_, i): Triple => [i, i, i]),
  viridis: viridis(),
  diverging: diverging(),
};

export function palette(map: MapName): readonly Triple[] {
  return palettes[map];
}

// What NaN and infinity are drawn in.
export const notFiniteColor: Triple = [255, 0, 255];

export function colorOf(scale: Scale, value: number): Triple {
  if (!Number.isFinite(value)) return notFiniteColor;
  const colors = palettes[scale.map];
  const last = colors.length - 1;
  const width = scale.high - scale.low;
  const place = width > 0 ? ((value - scale.low) * last) / width + 0.5 : last / 2;
  return colors[Math.floor(Math.min(Math.max(place, 0), last))]!;
}

const packed = new Map<MapName, Uint32Array>();

// Colours as the pixels of a canvas: red in the lowest byte, opaque.
function packedPalette(map: MapName): Uint32Array {
  let colors = packed.get(map);
  if (!colors) {
    colors = Uint32Array.from(palettes[map], ([r, g, b]) => (255 << 24) | (b << 16) | (g << 8) | r);
    packed.set(map, colors);
  }
  return colors;
}

// values[first], values[first + step], ... to pixels.
export function paint(scale: Scale, values: Float32Array, first: number, step: number, pixels: Uint32Array): void {
  const colors = packedPalette(scale.map);
  const last = colors.length - 1;
  const width = scale.high - scale.low;
  const factor = width > 0 ? last / width : 0;
  const offset = width > 0 ? 0.5 - scale.low * factor : last / 2;
  for (let i = 0, at = first; i < pixels.length; i++, at += step) {
    const place = values[at]! * factor + offset;
    // A NaN is neither: it takes the last way out.
    pixels[i] = place < last ? colors[place > 0 ? place | 0 : 0]! : place >= last ? colors[last]! : 0xffff00ff;
  }
}

// Three channels as a colour picture; what lies outside black and white is clipped.
export function paintColour(white: number, values: Float32Array, pixels: Uint32Array): void {
  const factor = 255 / white;
  const bytes = new Uint8ClampedArray(pixels.buffer, pixels.byteOffset, pixels.byteLength);
  for (let i = 0, from = 0, to = 0; i < pixels.length; i++, to += 4) {
    bytes[to] = values[from++]! * factor;
    bytes[to + 1] = values[from++]! * factor;
    bytes[to + 2] = values[from++]! * factor;
    bytes[to + 3] = 255;
  }
}

const leastForUsual = 4096;

// The scale of a computed map; see ScaleFor in convscope/figures/scale.h and signs.h.
export function scaleFor(range: ValueRange, signs?: Signs): Scale {
  const byValues = scaleByValues(range);
  if (signs === undefined) return byValues;
  if (signs === "both") return { map: "diverging", low: -byValues.high, high: byValues.high };
  if (range.low < 0) return byValues;
  return { map: "viridis", low: Math.max(byValues.low, 0), high: byValues.high };
}

function scaleByValues(range: ValueRange): Scale {
  if (range.low === 0 && range.high === 0) return { map: "diverging", low: -1, high: 1 };
  let most = Math.max(Math.abs(range.low), Math.abs(range.high));
  const oneValue = range.high - range.low <= 1e-6 * most;
  if (range.count >= leastForUsual && range.usual > 0 && range.usual < most / 2) most = range.usual;
  if (range.low < 0) return { map: "diverging", low: -most, high: most };
  return { map: "viridis", low: range.low > most / 2 && !oneValue ? range.low : 0, high: most };
}

// About zero: for kernels and products.
export function signedScale(values: ArrayLike<number>): Scale {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i]!));
  return { map: "diverging", low: -(most || 1), high: most || 1 };
}

// Two ranges as one: for one scale over several maps.
export function join(a: ValueRange, b: ValueRange): ValueRange {
  return {
    low: Math.min(a.low, b.low),
    high: Math.max(a.high, b.high),
    count: a.count + b.count,
    not_finite: a.not_finite + b.not_finite,
    usual: Math.max(a.usual, b.usual),
  };
}

export function css([r, g, b]: Triple): string {
  return `rgb(${r} ${g} ${b})`;
}

// Black or white, whichever stands out more.
export function textColorOn([r, g, b]: Triple): string {
  const luminance = 0.2126 * toLinear(r) + 0.7152 * toLinear(g) + 0.0722 * toLinear(b);
  return luminance > 0.179 ? "#000" : "#fff";
}

// A scale as a CSS gradient, from left to right.
export function gradient(map: MapName): string {
  const colors = palettes[map];
  const stops = Array.from({ length: 17 }, (_, i) => css(colors[Math.round((i * (colors.length - 1)) / 16)]!));
  return `linear-gradient(to right, ${stops.join(", ")})`;
}
