// A report as a person opens it: from disk, with the network off: node report.mjs PROGRAM ROOT [SHOTS]
// Ends with 77 where there is no browser.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gunzipSync } from "node:zlib";
import { build } from "esbuild";
import { axe, openPage, runTests } from "./studio.mjs";

const [program, root, shots] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "convscope-"));
const model = join(root, "data/models/fashion-cnn.onnx");
const numbers = Array.from({ length: 10 }, (_, i) => String(i));
const quiet = { stdio: ["ignore", "ignore", "pipe"] };
const studio = await openPage(`file://${folder}/`, { offline: true });
const { page } = studio;

const write = (name, ...args) => execFileSync(program, ["report", ...args, "-o", join(folder, name)], quiet);
const open = async (name, hash = "") => {
  await page.goto("about:blank");
  await page.goto(`file://${join(folder, name)}${hash}`);
  await page.locator(".maps-grid canvas").waitFor();
};
const explained = (...args) => JSON.parse(execFileSync(program, ["explain", ...args, "--json"], { stdio: ["ignore", "pipe", "ignore"], maxBuffer: 2 ** 28 }));
const shoot = async (name) => shots && (await page.screenshot({ path: join(shots, `report-${name}.png`), fullPage: true }));

// The engine of a report, out of the file, as the page makes it.
async function engineOf(name) {
  const bundle = join(folder, "report_engine.mjs");
  await build({ entryPoints: [join(root, "web/src/model/report_engine.ts")], bundle: true, format: "esm", outfile: bundle, logLevel: "error" });
  const { reportEngine } = await import(pathToFileURL(bundle).href);
  const [, data] = /id="data">([^<]*)</.exec(readFileSync(join(folder, name), "utf8"));
  const bytes = gunzipSync(Buffer.from(data, "base64"));
  return reportEngine(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

const close = (a, b, size) => Math.abs(a - b) <= 1e-5 * Math.max(size, 1e-6);

// Some values of every tensor: rule, terms, sum, chain and pixels as the command line tells them.
async function compare(name, args) {
  const { network } = await engineOf(name);
  const [{ id: model }] = await network.models();
  const subject = { model, picture: network.pictures()[0] };
  const { tensors } = await network.look(subject);
  let compared = 0;
  for (const { name: tensor, shape } of tensors) {
    const at = shape.slice(1).map((length) => Math.floor(length * 0.6));
    const place = `${tensor}:${at.join(",")}`;
    const told = explained(...args, "--at", place);
    const { explanations, receptive_field: field, untold } = await network.explain(subject, place);
    assert.equal(untold, undefined, place);
    assert.deepEqual(explanations.map((one) => one.tensor), told.explanations.map((one) => one.tensor), place);
    told.explanations.forEach((engine, index) => {
      const page = explanations[index];
      assert.equal(page.rule, engine.rule, place);
      assert.deepEqual(page.at, engine.at, place);
      assert.ok(close(page.value, engine.value, engine.absolute_sum ?? Math.abs(engine.value)), `${place}: ${page.value}, not ${engine.value}`);
      assert.deepEqual(page.terms.map(({ of, at: where }) => [of, where]), engine.terms.map(({ of, at: where }) => [of, where]), place);
      page.terms.forEach(({ product }, i) => assert.ok(close(product, engine.terms[i].product, Math.abs(engine.terms[i].product)), place));
      compared++;
    });
    const { pixels, top, left, height, width, mask } = told.receptive_field;
    assert.deepEqual({ ...field }, { pixels, top, left, height, width, mask }, place);
  }
  return compared;
}

// Branches of 1 x 5 and 5 x 1, a sum, a concatenation, strides, dilation, depthwise, pools and a normalization.
function branchesJson() {
  const layer = (class_name, name, config, ...inputs) => ({ class_name, name, config: { name, ...config }, inbound_nodes: inputs.length ? [inputs.map((of) => [of, 0, 0, {}])] : [] });
  const conv = (filters, kernel_size, more = {}) => ({ filters, kernel_size, padding: "same", ...more });
  const layers = [
    layer("InputLayer", "picture", { batch_input_shape: [null, 28, 28, 1] }),
    layer("Conv2D", "first", conv(4, [3, 3], { strides: [2, 2], activation: "relu" }), "picture"),
    layer("Conv2D", "wide", conv(4, [1, 5]), "first"),
    layer("Conv2D", "tall", conv(4, [5, 1], { dilation_rate: [2, 1] }), "first"),
    layer("Add", "sum", {}, "wide", "tall"),
    layer("BatchNormalization", "normal", {}, "sum"),
    layer("DepthwiseConv2D", "depth", { kernel_size: [3, 3], padding: "same", activation: "tanh" }, "normal"),
    layer("MaxPooling2D", "most", { pool_size: [3, 3], strides: [2, 2], padding: "same" }, "depth"),
    layer("AveragePooling2D", "mean", { pool_size: [2, 2] }, "depth"),
    layer("Concatenate", "both", {}, "most", "mean"),
    layer("Conv2D", "mixed", conv(6, [3, 3], { activation: "relu" }), "both"),
    layer("GlobalAveragePooling2D", "all", {}, "mixed"),
    layer("Dense", "scores", { units: 10, activation: "softmax" }, "all"),
  ];
  return JSON.stringify({ class_name: "Functional", config: { name: "branches", layers, input_layers: [["picture", 0, 0]], output_layers: [["scores", 0, 0]] } });
}

const tests = {
  async "ten pictures of fashion-cnn are a file under 10 MB"() {
    write("fashion.html", model, "--data", "fashion-mnist-small", "--sample", numbers.join(","));
    assert.ok(statSync(join(folder, "fashion.html")).size < 10e6);
  },

  async "it shows each picture, its maps and its classes"() {
    await open("fashion.html");
    assert.equal(await page.getByLabel("Picture", { exact: true }).locator("option").count(), 10);
    await page.getByLabel("Picture", { exact: true }).selectOption({ index: 7 });
    await page.locator(".prediction .truth").waitFor();
    const told = JSON.parse(execFileSync(program, ["predict", model, "--data", "fashion-mnist-small", "--sample", "7", "--json"], { stdio: ["ignore", "pipe", "ignore"], maxBuffer: 2 ** 28 }));
    const { name } = told.pictures[0].top[0];
    await page.waitForFunction((best) => document.querySelector(".prediction th")?.textContent === best, name);
    await page.getByRole("button", { name: "Filters", exact: true }).click();
    await page.locator(".layer-panel canvas").first().waitFor();
    await page.getByRole("button", { name: "Graph" }).click();
    assert.equal(await page.locator(".method").count(), 3);
    assert.match(await page.locator(".reproduce pre").innerText(), /--data fashion-mnist-small --sample 7 /);
  },

  async "the arithmetic of a value is shown"() {
    await open("fashion.html", "#network?layer=conv_layer_3&channel=9&at=4,5");
    await page.locator(".chain .step").first().waitFor();
    const told = explained(model, "--data", "fashion-mnist-small", "--sample", "0", "--at", "conv_layer_3:4,5,9");
    assert.equal(await page.locator(".chain .step:not(.back)").count(), told.explanations.length);
    const { top, left, height, width, pixels } = told.receptive_field;
    assert.ok((await page.locator(".field-facts").innerText()).includes(`${pixels} pixels, rows ${top} to ${top + height - 1}, columns ${left} to ${left + width - 1}`));
  },

  async "its arithmetic is the engine's"() {
    assert.ok((await compare("fashion.html", [model, "--data", "fashion-mnist-small", "--sample", "0"])) > 10);
    const picture = join(root, "data/mnist/train_0.png");
    const branches = join(folder, "branches.json");
    writeFileSync(branches, branchesJson());
    write("branches.html", branches, picture);
    assert.ok((await compare("branches.html", [branches, picture])) > 15);
  },

  async "what a report cannot tell is said"() {
    const photo = join(root, "data/pictures/chelsea.png");
    write("large.html", "resnet18", photo, "--method", "saliency", "--classes", "1");
    await open("large.html", "#network?layer=layer4/1/conv1&channel=5&at=3,3");
    await page.locator(".chain .hint").waitFor();
    assert.match(await page.locator(".chain .hint").innerText(), /--side|too large/);
    const told = explained("resnet18", photo, "--at", "layer2/0/relu1:3,20,5").receptive_field;
    await open("large.html", "#network?layer=layer2/0/relu1&channel=5&at=3,20");
    const field = await page.locator(".field-facts").innerText();
    assert.ok(field.includes(`rows ${told.top} to ${told.top + told.height - 1}, columns ${told.left} to ${told.left + told.width - 1}`), field);
  },

  async "a wrong place for it is told"() {
    for (const file of ["report.txt", "missing/report.html"]) {
      assert.throws(() => write(file, model, "--data", "fashion-mnist-small", "--sample", "0"), /report|folder|directory|missing/);
    }
  },

  async "nothing stands in the way of anybody"() {
    for (const [width, scheme] of [[1440, "light"], [390, "dark"]]) {
      await page.setViewportSize({ width, height: 1000 });
      await page.emulateMedia({ colorScheme: scheme });
      await open("fashion.html", "#network?layer=conv_layer_1&channel=3&at=10,12");
      await page.locator(".chain .step").first().waitFor();
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => globalThis.axe.run());
      assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html.slice(0, 200))]), []);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${width}: wider than it`);
      await shoot(`${width}-${scheme}`);
    }
  },
};

const failed = await runTests(tests, studio, shoot);
await studio.close();
rmSync(folder, { recursive: true });
console.log(`${Object.keys(tests).length - Math.min(failed, Object.keys(tests).length)} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
