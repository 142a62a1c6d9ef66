import { describe, expect, it } from "vitest";
import { namedText, parseNamed, parsePlaced, placedText } from "./chosen";
import { SharedEvents } from "./events";
import type { Channel, Message, Source } from "./events";
import { layerLine, parseLayer } from "./layer_lines";
import { alignedLines } from "./curve_lines";
import { durationText, follow, rateOf, secondsLeft, smoothed } from "./learning";
import { paintTiles, tileAt, tilingOf } from "./tiles";
import { trainCommand, trainKeras } from "./train_lines";
import { freeName, layersOf, settingsOf, startTrainState, trainFromHash, trainHash, wrongFields } from "./train_state";
import type { Progress } from "./training";

// Tabs of one browser: channels that hear each other, a lock that one has, streams that are counted.
class Browser {
  streams: { topics: Map<string, (event: { data: string }) => void>; open: boolean }[] = [];
  private channels = new Set<Channel>();
  private waiting: (() => void)[] = [];
  private held = false;

  tab() {
    const others = () => [...this.channels].filter((one) => one !== channel);
    const channel: Channel = {
      postMessage: (message: Message) => others().forEach((one) => one.onmessage?.({ data: message })),
      onmessage: null,
    };
    this.channels.add(channel);
    const events = new SharedEvents({
      open: (): Source => {
        const stream = { topics: new Map<string, (event: { data: string }) => void>(), open: true };
        this.streams.push(stream);
        return { addEventListener: (topic, heard) => stream.topics.set(topic, heard), close: () => (stream.open = false) };
      },
      channel,
      lock: (held) => {
        if (this.held) this.waiting.push(held);
        else {
          this.held = true;
          held();
        }
      },
    });
    return { events, close: () => this.channels.delete(channel) };
  }
  closeLeader(close: () => void) {
    close();
    this.waiting.shift()?.();
  }
  tell(topic: string, data: string) {
    this.streams[this.streams.length - 1]!.topics.get(topic)?.({ data });
  }
}

describe("events", () => {
  it("come over one stream to all tabs, the newest at once to who comes late", () => {
    const browser = new Browser();
    const heard: string[] = [];
    const first = browser.tab();
    first.events.listen("train", (data) => heard.push(`1${data}`));
    browser.tell("train", "a");
    browser.tab().events.listen("train", (data) => heard.push(`2${data}`));
    browser.tell("train", "b");
    expect(browser.streams).toHaveLength(1);
    expect(heard).toEqual(["1a", "2a", "1b", "2b"]);
  });

  it("tell every tab when the engine is lost and found again", () => {
    const browser = new Browser();
    const heard: string[] = [];
    browser.tab().events.listen("connection", (data) => heard.push(`1${data}`));
    browser.tab().events.listen("connection", (data) => heard.push(`2${data}`));
    browser.tell("error", "");
    browser.tell("open", "");
    expect(heard).toEqual(["1lost", "2lost", "1open", "2open"]);
  });

  it("go on when the tab that had the stream is closed", () => {
    const browser = new Browser();
    const heard: string[] = [];
    const first = browser.tab();
    first.events.listen("train", () => undefined);
    browser.tab().events.listen("train", (data) => heard.push(data));
    browser.closeLeader(first.close);
    browser.tell("train", "c");
    expect(browser.streams).toHaveLength(2);
    expect(heard).toEqual(["c"]);
  });

  it("come over a stream of the tab's own where a browser has no locks, until nobody listens", () => {
    const topics = new Map<string, (event: { data: string }) => void>();
    const events = new SharedEvents({ open: () => ({ addEventListener: (topic, heard) => void topics.set(topic, heard), close: () => undefined }) });
    const heard: string[] = [];
    const end = events.listen("train", (data) => heard.push(data));
    topics.get("train")!({ data: "1" });
    end();
    topics.get("train")!({ data: "2" });
    expect(heard).toEqual(["1"]);
  });
});

describe("layers", () => {
  it("are lines of text and back", () => {
    for (const line of ["Conv2D filters=8 kernel_size=3 activation=relu", "Conv2D filters=8 kernel_size=3,5 padding=same", "Dropout rate=0.5", "Flatten", 'Dense units=10 kernel_initializer={"class_name":"HeNormal"}', "BatchNormalization center=true axis=-1 name=norm"]) {
      expect(layerLine(parseLayer(line))).toBe(line);
    }
    expect(parseLayer("Conv2D kernel_size=3,5 use_bias=False bias_constraint=None")).toEqual({ class_name: "Conv2D", config: { kernel_size: [3, 5], use_bias: false, bias_constraint: null } });
    expect(layerLine({ class_name: "Conv2D", config: { name: "c", kernel_size: [3, 3] } })).toBe("Conv2D kernel_size=3 name=c");
  });
});

describe("choices", () => {
  const choices = [{ name: "sgd", settings: [{ name: "learning_rate", standard: 0.01 }, { name: "nesterov", standard: false }] }, { name: "step", settings: [{ name: "steps", standard: 1000 }, { name: "factor", standard: 0.1 }] }];
  it("say what is not as usual", () => {
    expect(parseNamed("sgd:nesterov=1", choices)).toEqual({ name: "sgd", values: ["0.01", "1"] });
    expect(namedText({ name: "sgd", values: ["0.01", "1"] }, choices)).toBe("sgd:nesterov=1");
    expect(namedText({ name: "sgd", values: ["0.01", "0"] }, choices)).toBe("sgd");
    expect(placedText(parsePlaced("step:50", choices))).toBe("step:50:0.1");
  });
});

describe("the state of a training", () => {
  it("is in its link and back", () => {
    const state = { ...startTrainState(), data: "mnist", layers: ["Flatten", "Dense units=10 activation=softmax"], model: "", flip: true, live: false, smooth: 5, compare: ["a", "b"], at: "50" };
    expect(trainFromHash(`#${trainHash(state)}`)).toEqual(state);
    expect(trainHash(startTrainState())).toBe("train");
    expect(trainFromHash("#train?kind=nothing&sample=-3&smooth=x")).toEqual(startTrainState());
  });

  it("tells what is no number, and what is sent", () => {
    expect([...wrongFields({ ...startTrainState(), epochs: "0", shift: "2", name: "../a", validation: "half" })]).toEqual(["epochs", "shift", "validation", "name"]);
    expect(wrongFields(startTrainState()).size).toBe(0);
    expect(settingsOf({ ...startTrainState(), snapshots: "0" })["snapshots"]).toBeUndefined();
    expect(layersOf({ ...startTrainState(), layers: ["Flatten", " "] })).toEqual([{ class_name: "Flatten", config: {} }]);
    expect(freeName("lenet", ["lenet-1", "lenet-3"])).toBe("lenet-2");
  });

  it("has lines that do the same elsewhere", () => {
    const state = { ...startTrainState(), optimizer: "sgd:nesterov=1", snapshots: "0" };
    expect(trainCommand(state, "runs/a", [28, 28, 1])).toBe("convscope train fashion-cnn --data fashion-mnist-small --epochs 2 --optimizer sgd:nesterov=1 --out runs/a");
    const own = trainCommand({ ...state, layers: ["Flatten", "Dense units=10"], model: "" }, "runs/a", [28, 28, 1]);
    expect(own).toMatch(/^cat > network.json <<'END'\n[^]*\nEND\nconvscope train network.json --data/);
    const file = JSON.parse(own.split("'END'\n")[1]!.split("\nEND")[0]!) as { config: { layers: unknown[] } };
    expect(file.config.layers).toHaveLength(3);
    expect(trainKeras(state, [parseLayer("Conv2D filters=8 kernel_size=3,5")], [28, 28, 1])).toContain("keras.layers.Conv2D(filters=8, kernel_size=(3, 5))");
  });
});

describe("progress", () => {
  const progress: Progress = { number: 1, state: "running", run: "a", network: "n", data: "d", epochs: 2, steps_per_epoch: 10, step: 4, first: 2, loss: [1, null], accuracy: [0.5, 0.75], history: [], began: 0, seconds: 2, remarks: [] };
  const curves = { loss: Float32Array.from([3, 2]), accuracy: Float32Array.from([0, 0.25]), epochs: [] };
  it("goes on where it was, and not over a gap", () => {
    expect([...follow({ run: "a", curves }, progress)!.loss]).toEqual([3, 2, 1, NaN]);
    expect(follow({ run: "b", curves }, progress)).toBeUndefined();
    expect(follow({ run: "a", curves }, { ...progress, first: 3 })).toBeUndefined();
    expect([...follow(undefined, { ...progress, first: 0 })!.accuracy]).toEqual([0.5, 0.75]);
  });
  it("tells rate and time", () => {
    expect(rateOf(progress)).toBe(2);
    expect(secondsLeft(progress)).toBe(8);
    expect([durationText(7.4), durationText(61), durationText(7300)]).toEqual(["7 s", "1 min 1 s", "2 h 1 min"]);
  });
  it("is smoothed without a bias, over what is finite", () => {
    expect([...smoothed(Float32Array.from([2, 2, NaN, 2]), 10)].map((v) => Number(v.toFixed(5)))).toEqual([2, 2, 2, 2]);
    expect([...smoothed(Float32Array.from([1, 3]), 1)]).toEqual([1, 3]);
    // A line stays a line away from its ends: nothing lags.
    const line = smoothed(Float32Array.from({ length: 101 }, (_, i) => i), 5);
    expect(line[50]).toBeCloseTo(50, 3);
    expect(smoothed(Float32Array.from([0, 1]), 2)[0]).toBeCloseTo(0.5 / 1.5, 6);
  });
});

describe("curves", () => {
  it("of several runs stand over one axis of steps, thinned but for the ends of epochs", () => {
    const run = (length: number, epochs: number[]) => ({
      loss: Float32Array.from({ length }, (_, i) => i + 1),
      accuracy: new Float32Array(length),
      epochs: epochs.map((epoch) => ({ epoch, loss: 0, accuracy: 0, val_loss: 10 * epoch, learning_rate: 0, seconds: 0 })),
    });
    const { steps, lines } = alignedLines([{ curves: run(10, [1, 2]), stepsPerEpoch: 5 }, { curves: run(4, []), stepsPerEpoch: 5 }], "loss", 1, 4);
    expect(steps).toEqual([1, 4, 5, 7, 10]);
    expect(lines[0]!.raw).toEqual([1, 4, 5, 7, 10]);
    expect(lines[0]!.validation).toEqual([null, null, 10, null, 20]);
    expect(lines[1]!.smooth).toEqual([1, 4, null, null, null]);
  });
});

describe("tiles", () => {
  it("stand with gaps, and are found again", () => {
    const tiling = tilingOf(3, 12, 12, 3);
    expect(tiling).toEqual({ columns: 3, rows: 1, zoom: 1, width: 38, height: 12 });
    expect(tileAt(tiling, 12, 12, 3, 14, 1)).toEqual({ tile: 1, row: 1, column: 1 });
    expect(tileAt(tiling, 12, 12, 3, 12, 1)).toBeUndefined();
    const small = tilingOf(2, 1, 1);
    expect(small).toEqual({ columns: 2, rows: 1, zoom: 12, width: 25, height: 12 });
    const pixels = new Uint32Array(small.width * small.height);
    paintTiles({ map: "grey", low: 0, high: 1 }, Float32Array.from([0, 1]), 1, 1, 2, 0, 2, small, pixels);
    expect([pixels[0], pixels[11], pixels[12], pixels[13], pixels[24]]).toEqual([0xff000000, 0xff000000, 0, 0xffffffff, 0xffffffff]);
    expect(tileAt(small, 1, 1, 2, 24, 11)).toEqual({ tile: 1, row: 0, column: 0 });
  });
});
