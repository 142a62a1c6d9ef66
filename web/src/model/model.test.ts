import { readFileSync } from "node:fs";
import { inflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { colorOf, css, join, paint, palette, scaleFor, textColorOn } from "./colors";
import { drawingPng, drawingSide, drawingText, emptyDrawing, parseDrawing, stroke } from "./drawing";
import * as kernel from "./kernel";
import { latest } from "./latest";
import { commandLine, cppLines, kerasLines } from "./reproduce";
import { readSafetensors } from "./safetensors";
import { filterOf, fromHash, paddingOf, pairOf, scaleStageOf, sourceOf, stageNames, startState, toHash } from "./state";
import type { State } from "./state";
import { axisOf, outLength, placesUnder, reachedBy, source } from "./window";
import type { PadMode } from "./window";

function range(low: number, high: number, count = 100, usual = 0) {
  return { low, high, count, not_finite: 0, usual };
}

describe("colours", () => {
  it("are those of the figures", () => {
    const file = new URL("../../../convscope/figures/color_map.cc", import.meta.url);
    const own = [...readFileSync(file, "utf8").split("kViridisRgb[256] = {")[1]!.split("};")[0]!.matchAll(/0x(\w{6})/g)];
    const ours = palette("viridis").map((rgb) => rgb.map((c) => c.toString(16).padStart(2, "0")).join(""));
    expect(ours).toEqual(own.map(([, hex]) => hex));
  });

  it("of the diverging map are blue, neutral at zero, and red", () => {
    const colors = palette("diverging");
    expect(colors).toHaveLength(257);
    expect(colors[0]).toEqual([59, 76, 192]);
    expect(colors[256]).toEqual([180, 4, 38]);
    const [r, g, b] = colors[128]!;
    expect(Math.max(r, g, b) - Math.min(r, g, b)).toBeLessThan(4);
    expect(colorOf({ map: "diverging", low: -2, high: 2 }, 0)).toEqual(colors[128]);
  });

  it("of a map are painted as they are computed one by one, NaN and infinity too", () => {
    const scale = { map: "diverging", low: -1, high: 1 } as const;
    const values = Float32Array.from([-9, -1, -0.3, 0, 0.25, 1, 7, NaN]);
    const pixels = new Uint32Array(values.length);
    paint(scale, values, 0, 1, pixels);
    const bytes = new Uint8Array(pixels.buffer);
    const clamped = (v: number) => (Number.isNaN(v) ? v : Math.min(Math.max(v, -1), 1));
    values.forEach((value, i) => expect([...bytes.slice(4 * i, 4 * i + 3)]).toEqual([...colorOf(scale, clamped(value))]));
  });

  it("scale by the signs of the values, as ScaleFor does", () => {
    expect(scaleFor(range(-1, 3))).toEqual({ map: "diverging", low: -3, high: 3 });
    expect(scaleFor(range(0, 3))).toEqual({ map: "viridis", low: 0, high: 3 });
    expect(scaleFor(range(2, 3))).toEqual({ map: "viridis", low: 2, high: 3 });
    expect(scaleFor(range(3, 3))).toEqual({ map: "viridis", low: 0, high: 3 });
    expect(scaleFor(range(0, 0))).toEqual({ map: "diverging", low: -1, high: 1 });
    expect(scaleFor(range(0, 10, 5000, 2))).toEqual({ map: "viridis", low: 0, high: 2 });
    expect(scaleFor(range(0, 10, 4000, 2)).high).toBe(10);
    expect(scaleFor(range(0, 2), "both")).toEqual({ map: "diverging", low: -2, high: 2 });
    expect(scaleFor(range(0, 0), "non_negative")).toEqual({ map: "viridis", low: 0, high: 1 });
    expect(join(range(-1, 2), range(0, 5))).toMatchObject({ low: -1, high: 5, count: 200 });
  });

  it("carry text that stands out", () => {
    expect(textColorOn([255, 255, 255])).toBe("#000");
    expect(textColorOn([59, 76, 192])).toBe("#fff");
    expect(css([1, 2, 3])).toBe("rgb(1 2 3)");
  });
});

describe("kernels", () => {
  const matrix = kernel.parseLiteral("[[1,2,3],[4,5,6]]")!;

  it("are turned and mirrored", () => {
    expect(kernel.literal(kernel.rotated(matrix))).toBe("[[4,1],[5,2],[6,3]]");
    expect(kernel.literal(kernel.mirrored(matrix))).toBe("[[3,2,1],[6,5,4]]");
    expect(kernel.literal(kernel.upsideDown(matrix))).toBe("[[4,5,6],[1,2,3]]");
    expect(kernel.literal(kernel.negated(kernel.parseLiteral("[[0,1]]")!))).toBe("[[0,-1]]");
    const turned = [1, 2, 3, 4].reduce((m) => kernel.rotated(m), matrix);
    expect(turned).toEqual(matrix);
  });

  it("are normalised to a sum of one, or by their sizes where that is zero", () => {
    const sum = (text: string) => kernel.normalised(kernel.parseLiteral(text)!).values.reduce((a, b) => a + b, 0);
    expect(sum("[[1,2],[3,4]]")).toBeCloseTo(1, 6);
    expect(kernel.literal(kernel.normalised(kernel.parseLiteral("[[-2,0,2]]")!))).toBe("[[-1,0,1]]");
    expect(kernel.literal(kernel.normalised(kernel.parseLiteral("[[0,0]]")!))).toBe("[[0,0]]");
  });

  it("grow and shrink about their middle", () => {
    expect(kernel.literal(kernel.resized(kernel.parseLiteral("[[7]]")!, 3, 3))).toBe("[[0,0,0],[0,7,0],[0,0,0]]");
    expect(kernel.literal(kernel.resized(kernel.resized(matrix, 6, 9), 2, 3))).toBe("[[1,2,3],[4,5,6]]");
  });

  it("have a plane for each channel where those are summed", () => {
    const three = kernel.withChannels(kernel.parseLiteral("[[1,2]]")!, 3);
    expect(kernel.literal(three)).toBe("[[[1,1,1],[2,2,2]]]");
    expect(kernel.parseLiteral(kernel.literal(three))).toEqual(three);
    expect(kernel.literal(kernel.withChannels(kernel.withValue(three, 0, 1, 2, 9), 1))).toBe("[[1,2]]");
  });

  it("write numbers as the shortest text of the same float32", () => {
    for (const [value, text] of [[0.1, "0.1"], [1 / 3, "0.33333334"], [-1, "-1"], [0, "0"], [1e-7, "1e-7"]] as const) {
      expect(kernel.numberText(Math.fround(value))).toBe(text);
      expect(Math.fround(Number(kernel.numberText(value)))).toBe(Math.fround(value));
    }
  });

  it("are read where they are whole", () => {
    for (const text of ["edge", "[1,2]", "[[1],[2,3]]", "[[]]", '[["a"]]', "[[1e999]]", "[[[1,2],[3]]]"]) {
      expect(kernel.parseLiteral(text), text).toBeUndefined();
    }
    expect(kernel.parsePreset("gaussian:5:1.5")).toEqual({ name: "gaussian", given: ["5", "1.5"] });
    expect(kernel.parsePreset("t(edge)")).toBeUndefined();
  });
});

describe("windows", () => {
  it("stand where the definition puts them", () => {
    const paddings = ["valid", "same", [2, 1]] as ("valid" | "same" | [number, number])[];
    for (const padding of paddings) {
      for (const [length, size, stride, dilation] of [[9, 3, 1, 1], [10, 4, 2, 1], [12, 3, 3, 2], [7, 1, 2, 1]] as const) {
        const axis = axisOf(length, size, stride, dilation, padding);
        if (padding === "same") expect(outLength(axis)).toBe(Math.ceil(length / stride));
        const [first, last] = placesUnder(axis, outLength(axis) - 1);
        expect(first).toBe((outLength(axis) - 1) * stride - axis.before);
        expect(last).toBeLessThan(length + axis.after);
        for (const mode of ["zero", "edge", "reflect", "wrap"] as PadMode[]) {
          for (let at = 0; at < length; at++) {
            const slowly = Array.from({ length: outLength(axis) }, (_, o) => o).filter((o) =>
              Array.from({ length: size }, (_, t) => source(o * stride + t * dilation - axis.before, length, mode)).includes(at),
            );
            expect(reachedBy(axis, at, mode)).toEqual(slowly);
          }
        }
      }
    }
  });

  it("have no place where they do not fit", () => {
    expect(outLength(axisOf(3, 5, 1, 1, "valid"))).toBe(0);
  });
});

describe("a link", () => {
  const states: Partial<State>[] = [
    {},
    { picture: "coffee", colour: "rgb", channel: "g", kernels: ["[[1,0],[0,-1]]", "gaussian:size=5,sigma=1.5", "-t(sobel-x)"] },
    { stride: "2,3", padding: "1,2,3,4", padMode: "reflect", dilation: "2", flip: true, bias: "-0.5", activation: "" },
    { pools: [], shown: "b", sameScale: false, place: { kernel: 1, stage: "conv", row: 3, column: 40, channel: 2 } },
    { activation: "leaky_relu:0.1", pools: [{ kind: "average", size: "2x3", stride: "1" }, { kind: "max", size: "3", stride: "3" }] },
  ];
  it("restores the whole state", () => {
    for (const change of states) {
      const state = { ...startState(), ...change };
      expect(fromHash(`#${toHash(state)}`)).toEqual(state);
    }
  });

  it("that says nothing, or nonsense, is the start", () => {
    expect(fromHash("")).toEqual(startState());
    expect(fromHash("#playground?colour=purple&pad-mode=up&at=1,conv,x,2,3&kernel=")).toEqual(startState());
  });

  it("becomes the filter that the engine is asked for", () => {
    const state = { ...startState(), channel: "r", pools: [{ kind: "max", size: "3", stride: "2" } as const] };
    expect(filterOf(state, 0, "sent-1")).toMatchObject({ picture: "sent-1", channels: "", kernel: "sobel-x", pools: ["max:3:2"] });
    expect(filterOf({ ...state, colour: "rgb" }, 0, "a").channels).toBe("r");
  });

  it("names the stages as the engine does", () => {
    const pools = ["max", "average", "max"].map((kind) => ({ kind: kind as "max", size: "2", stride: "2" }));
    expect(stageNames({ ...startState(), pools })).toEqual(["conv", "activation", "max_pool", "average_pool", "max_pool_2"]);
    expect(sourceOf({ ...startState(), activation: "" }, "max_pool")).toBe("conv");
    expect(["conv", "activation", "max_pool"].map((stage) => scaleStageOf(startState(), stage))).toEqual(["conv", "activation", "activation"]);
    expect([pairOf("2"), pairOf("2,3"), pairOf("2x3"), pairOf("0"), pairOf(""), pairOf("1,2,3")]).toEqual([
      [2, 2], [2, 3], [2, 3], undefined, undefined, undefined,
    ]);
    expect([paddingOf("1,2"), paddingOf("1,2,3,4"), paddingOf("1,")]).toEqual([[[1, 1], [2, 2]], [[1, 2], [3, 4]], undefined]);
  });
});

describe("lines that reproduce", () => {
  const state: State = { ...startState(), kernels: ["[[1,2],[3,4]]"], stride: "2", flip: true, bias: "-1" };
  it("are a command line", () => {
    expect(commandLine(state, 0, "my cat.png")).toBe(
      'convscope filter "my cat.png" --kernel "[[1,2],[3,4]]" --gray --stride 2 --padding same --flip-kernel --bias=-1 --activation relu --pool max:2:2',
    );
  });
  it("are C++ and Keras", () => {
    expect(cppLines(state, 0, "cat.png")).toContain('.kernels = {"[[1,2],[3,4]]"}');
    const keras = kerasLines(state, "cat.png", kernel.parseLiteral("[[1,2],[3,4]]")!, 0);
    expect(keras).toContain("np.array([[1,2],[3,4]], np.float32)[:, :, None, None]");
    expect(keras).toContain("kernel[::-1, ::-1]");
    expect(keras).toContain("x = x + -1");
  });
});

describe("safetensors", () => {
  const file = (header: string, data: number[]) => {
    const text = new TextEncoder().encode(header.padEnd(Math.ceil(header.length / 8) * 8));
    const bytes = new Uint8Array(8 + text.length + 4 * data.length);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
    bytes.set(text, 8);
    bytes.set(new Uint8Array(Float32Array.from(data).buffer), 8 + text.length);
    return bytes.buffer;
  };
  it("are read with their metadata", () => {
    const header = '{"__metadata__":{"report":"{}"},"a":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}';
    const { tensors, metadata } = readSafetensors(file(header, [1.5, -2]));
    expect(metadata).toEqual({ report: "{}" });
    expect(tensors.get("a")).toEqual({ shape: [1, 2], values: Float32Array.from([1.5, -2]) });
  });
  it("that lie are refused", () => {
    expect(() => readSafetensors(new ArrayBuffer(4))).toThrow("ends before its header");
    expect(() => readSafetensors(file('{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}', [1, 2]))).toThrow("only F32");
    expect(() => readSafetensors(file('{"a":{"dtype":"F32","shape":[9],"data_offsets":[0,36]}}', [1]))).toThrow("not the bytes");
  });
});

describe("a drawing", () => {
  it("is a text in a link, and back", () => {
    const drawing = stroke(stroke(emptyDrawing(), 5, 5), 20.5, 14, 2);
    expect(parseDrawing(drawingText(drawing))).toEqual(drawing);
    expect(drawingText(emptyDrawing()).length).toBeLessThan(16);
    expect(parseDrawing("chelsea")).toBeUndefined();
    expect(Math.max(...drawing)).toBe(255);
  });
  it("is a PNG file", () => {
    const drawing = stroke(emptyDrawing(), 14, 14);
    const png = drawingPng(drawing);
    expect([...png.slice(1, 4)].map((c) => String.fromCharCode(c)).join("")).toBe("PNG");
    const data = png.slice(8 + 25 + 8, png.length - 12 - 4); // signature, IHDR, the head of IDAT; its sum and IEND
    const raw = inflateSync(data);
    expect(raw.length).toBe((drawingSide + 1) * drawingSide);
    expect(raw[14 * (drawingSide + 1) + 1 + 14]).toBe(drawing[14 * drawingSide + 14]);
  });
});

describe("edits that come faster than answers", () => {
  it("are answered one at a time, the newest next", async () => {
    const done: number[] = [];
    const ends: (() => void)[] = [];
    const run = latest<number>((n) => new Promise((resolve) => ends.push(() => (done.push(n), resolve()))));
    [1, 2, 3].forEach(run);
    expect(ends).toHaveLength(1);
    ends[0]!();
    await Promise.resolve().then(() => Promise.resolve());
    await new Promise((resolve) => setTimeout(resolve));
    ends[1]!();
    await new Promise((resolve) => setTimeout(resolve));
    expect(done).toEqual([1, 3]);
  });
});
