// A report as a person opens it: from disk, with the network off: node report.mjs PROGRAM ROOT [SHOTS]
// Ends with 77 where there is no browser.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
const explained = (...args) => JSON.parse(execFileSync(program, ["explain", ...args, "--json"], { stdio: ["ignore", "pipe", "ignore"] }));
const shoot = async (name) => shots && (await page.screenshot({ path: join(shots, `report-${name}.png`), fullPage: true }));

// The page's arithmetic of a value against the engine's: each step, and the pixels that it depends on.
async function compare(name, args, place, hash) {
  const told = explained(...args, "--at", place);
  await open(name, hash);
  await page.locator(".chain .step").first().waitFor();
  const steps = page.locator(".chain .step:not(.back)");
  assert.equal(await steps.count(), told.explanations.length, place);
  for (const [index, { tensor, value, terms }] of told.explanations.entries()) {
    const step = steps.nth(index);
    assert.ok((await step.locator("h3").innerText()).startsWith(`${tensor}[`), place);
    const text = await step.innerText();
    const shown = Number(/= ?(-?[\d.]+(?:e-?\d+)?)\s*(?:\(|$)/m.exec(text.split("\n").slice(1).join("\n"))?.[1] ?? NaN);
    if (terms.length > 1 && !Number.isNaN(shown)) assert.ok(Math.abs(shown - value) <= 1e-5 * Math.max(1, Math.abs(value)), `${tensor}: ${shown}, not ${value}`);
  }
  const { top, left, height, width, pixels } = told.receptive_field;
  const field = await page.locator(".field-facts").innerText();
  assert.ok(field.includes(`${pixels} pixels, rows ${top} to ${top + height - 1}, columns ${left} to ${left + width - 1}`), `${place}: ${field}`);
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
    const told = JSON.parse(execFileSync(program, ["predict", model, "--data", "fashion-mnist-small", "--sample", "7", "--json"], { stdio: ["ignore", "pipe", "ignore"] }));
    const { name } = told.pictures[0].top[0];
    await page.waitForFunction((best) => document.querySelector(".prediction th")?.textContent === best, name);
    await page.getByRole("button", { name: "Filters", exact: true }).click();
    await page.locator(".layer-panel canvas").first().waitFor();
    await page.getByRole("button", { name: "Graph" }).click();
    assert.equal(await page.locator(".method").count(), 3);
    assert.match(await page.locator(".reproduce pre").innerText(), /--data fashion-mnist-small --sample 7 /);
  },

  async "its arithmetic is the engine's"() {
    const args = [model, "--data", "fashion-mnist-small", "--sample", "0"];
    await compare("fashion.html", args, "conv_layer_1:10,12,3", "#network?layer=conv_layer_1&channel=3&at=10,12");
    await compare("fashion.html", args, "conv_layer_3:4,5,9", "#network?layer=conv_layer_3&channel=9&at=4,5");
    await compare("fashion.html", args, "pool_layer_4:2,3,20", "#network?layer=pool_layer_4&channel=20&at=2,3");
    await compare("fashion.html", args, "dense_layer_6:17", "#network?layer=dense_layer_6&channel=17&at=0,0");
    await compare("fashion.html", args, "dense_layer_7:9", "#network?layer=dense_layer_7&channel=9&at=0,0");
  },

  async "also of strides, padding, branches and normalizations"() {
    const picture = join(root, "data/mnist/train_0.png");
    write("small.html", "lenet", picture);
    await compare("small.html", ["lenet", picture], "layer1/conv:0,27,1", "#network?layer=layer1/conv&channel=1&at=0,27");
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
