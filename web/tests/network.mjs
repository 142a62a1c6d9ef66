// The Network view as a person uses it, in Debian's Chromium on the real server: node network.mjs PROGRAM ROOT [SHOTS]
// Ends with 77 where there is no browser. SHOTS is a folder for pictures of the page.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { axe, openStudio, runTests, saved } from "./studio.mjs";

const [program, root, shots] = process.argv.slice(2);
const studio = await openStudio(program);
const { address, page, wrong } = studio;
const model = join(root, "data/models/fashion-cnn.onnx");
const bag = ["--data", "fashion-mnist-small", "--sample", "18"];
const subject = "picture=data%3Afashion-mnist-small%3A18";

const shoot = async (name) => shots && (await page.screenshot({ path: join(shots, `network-${name}.png`), fullPage: true }));
const open = async (state) => {
  await page.goto("about:blank");
  await page.goto(`${address}#network${state ? `?${state}` : ""}`);
  await page.locator(".maps-grid canvas").waitFor();
};
const linked = (text) => page.waitForFunction((part) => decodeURIComponent(location.hash).includes(part), text);
const attributed = () => page.waitForFunction(() => document.querySelectorAll(".method").length > 0 && !document.querySelector(".method.waiting"));
const predicted = () => page.locator(".prediction th").first().innerText();
const traced = (tensor) => page.locator(`.chain .step:has(h3:has-text("${tensor}[")) b`).first().getAttribute("data-value");
// From picking a layer to its maps on the screen, in milliseconds.
const paintTime = async () => {
  const time = await page.waitForFunction(() => {
    const last = (name) => performance.getEntriesByName(name).at(-1)?.startTime ?? NaN;
    return Math.max(last("maps painted") - last("pick"), 0);
  });
  return time.jsonValue();
};

const tests = {
  async "a trained model says what a picture of a data set is"() {
    await open(subject);
    await page.locator(".prediction .truth").waitFor();
    assert.equal(await predicted(), "Bag");
    assert.match(await page.locator(".prediction").innerText(), /99\.8 %/);
    await page.getByRole("button", { name: "Next picture" }).click();
    await linked("fashion-mnist-small:19");
    await page.getByRole("button", { name: "Previous picture" }).click();
    await page.waitForFunction(() => document.querySelector(".prediction th")?.textContent === "Bag");
  },

  async "a layer is picked, a map enlarged, and its values are the command line's"() {
    await page.locator(".layers button", { hasText: "conv_layer_3" }).click();
    await page.locator(".layer-panel h2", { hasText: "conv_layer_3" }).waitFor();
    await page.locator('.grid-canvas[aria-label*="conv_layer_3"]').focus();
    for (let i = 0; i < 7; i++) await page.keyboard.press("ArrowRight");
    await linked("channel=6");
    const map = page.locator(".enlarged .map");
    await map.scrollIntoViewIfNeeded();
    const box = await map.boundingBox();
    await page.mouse.click(box.x + (5.5 / 11) * box.width, box.y + (4.5 / 11) * box.height);
    await linked("at=4,5");
    await page.locator(".chain .step").first().waitFor();
    const { numbers } = saved(program, "conv_layer_3", ["features", model, ...bag, "--layer", "conv_layer_3"]);
    const value = numbers[(4 * 11 + 5) * 64 + 6];
    assert.equal(Number(await traced("conv_layer_3")), value);
    assert.equal(Math.fround(Number(await page.locator(".enlarged .facts").getAttribute("data-pointed"))), value);
    const told = JSON.parse(execFileSync(program, ["explain", model, ...bag, "--at", "conv_layer_3:4,5,6", "--trace", "--json"]));
    assert.equal(Number(await traced("conv_layer_3/pre_activation")), told.explanations[1].traced);
    assert.equal(await page.locator(".chain .numbers").count(), 9); // of the three largest of 64 channels
    assert.equal(await page.locator(".back li").count(), told.trace.length);
    assert.match(await page.locator(".field-facts").innerText(), /64 pixels, rows 8 to 15, columns 10 to 17/);
    assert.equal(await page.locator(".value-panel .picture-map .box").count(), 1);
  },

  async "a contribution is followed back"() {
    await page.getByRole("button", { name: /^pool_layer_2/ }).last().click();
    await page.locator(".layer-panel h2", { hasText: "pool_layer_2" }).waitFor();
    await page.locator('.chain .step h3:has-text("pool_layer_2[")').waitFor();
    assert.equal(await page.locator(".chain .numbers td.lit").count(), 1); // the winner of the pool
  },

  async "before and after the activation, and the scale, are told and linked"() {
    await open(`${subject}&layer=conv_layer_1`);
    assert.match(await page.locator(".layer-panel .numbers-of").innerText(), /0 to 0\.454/);
    await page.getByRole("button", { name: "before", exact: true }).click();
    await page.waitForFunction(() => /-1\.687 to/.test(document.querySelector(".numbers-of")?.innerText ?? ""));
    await page.getByRole("button", { name: "each map" }).click();
    await page.locator(".layer-panel .remark", { hasText: "a scale of its own" }).waitFor();
    await linked("before=yes&scale=map");
    await page.reload();
    await page.locator(".maps-grid canvas").waitFor();
    assert.equal(await page.getByRole("button", { name: "each map" }).getAttribute("aria-pressed"), "true");
    assert.equal(await page.getByRole("button", { name: "before", exact: true }).getAttribute("aria-pressed"), "true");
  },

  async "units show their largest contributions, layers their filters, the network its graph"() {
    await open(`${subject}&layer=dense_layer_7&channel=8&at=0,0&list=graph`);
    await page.locator(".contributions tbody tr").first().waitFor();
    assert.equal(await page.locator(".contributions tbody tr").count(), 8);
    await page.locator('.graph [role="button"]', { hasText: "conv_layer_1" }).focus();
    await page.keyboard.press("Enter");
    await page.locator(".layer-panel h2", { hasText: "conv_layer_1" }).waitFor();
    await page.getByRole("button", { name: "Filters", exact: true }).click();
    await page.locator(".filter-canvas canvas").waitFor();
    assert.match(await page.locator(".filters").innerText(), /64 filters/);
  },

  async "methods of attribution stand side by side, for any class"() {
    await open(`${subject}&methods=saliency,grad-cam`);
    await page.locator(".method .map").nth(1).waitFor();
    await page.getByRole("button", { name: "occlusion" }).click();
    await page.locator('[data-method="occlusion"] .map').waitFor();
    await page.getByLabel("Class", { exact: true }).selectOption("3");
    await linked("class=3");
    await attributed();
    assert.equal(await page.locator(".method .map").count(), 3);
  },

  async "a drawing is predicted at each stroke"() {
    await page.getByRole("button", { name: "Draw", exact: true }).click();
    const pad = page.locator(".pad .map");
    await pad.scrollIntoViewIfNeeded();
    const box = await pad.boundingBox();
    const says = () => page.locator(".prediction tbody").innerText();
    const before = await says();
    await page.mouse.move(box.x + 40, box.y + 40);
    await page.mouse.down();
    await page.mouse.move(box.x + 120, box.y + 60, { steps: 4 });
    await page.waitForFunction((old) => document.querySelector(".prediction tbody")?.innerText !== old, before);
    const during = await says();
    await page.mouse.move(box.x + 60, box.y + 140, { steps: 6 });
    await page.waitForFunction((old) => document.querySelector(".prediction tbody")?.innerText !== old, during);
    await page.mouse.up();
    await linked("drawing:");
  },

  async "an ONNX file is opened by drop, a wrong one is told"() {
    const bytes = readFileSync(model).toString("base64");
    const drop = (name, content) =>
      page.evaluate(
        ([file, base64]) => {
          const data = new DataTransfer();
          data.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], file));
          document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
        },
        [name, content],
      );
    await open("model=lenet");
    await drop("clothes.onnx", bytes);
    await linked("model=sent-");
    await page.locator(".layers button", { hasText: "conv_layer_3" }).waitFor();
    assert.match(await page.locator(".reproduce pre").innerText(), /convscope features clothes\.onnx/);
    await drop("wrong.keras", btoa("PK\x03\x04 and more"));
    await page.getByRole("alert").waitFor();
    assert.match(await page.getByRole("alert").innerText(), /name it on the command line/);
    wrong.splice(0, wrong.length, ...wrong.filter((text) => !text.includes("400"))); // the browser tells of it too
  },

  async "512 maps are painted at once"() {
    await open("model=resnet18&picture=chelsea&methods=none");
    await page.locator(".layers button", { hasText: "layer4/1/conv2" }).click();
    await page.waitForFunction(() => /512 maps/.test(document.querySelector(".grid-facts")?.innerText ?? ""));
    const picked = await paintTime();
    const repaint = await page.evaluate(async () => {
      performance.clearMarks();
      const began = performance.now();
      [...document.querySelectorAll("button")].find((button) => button.textContent === "each map").click();
      while (performance.getEntriesByName("maps painted").length === 0) await new Promise(requestAnimationFrame);
      return performance.getEntriesByName("maps painted")[0].startTime - began;
    });
    console.log(`      512 maps: from pick to paint ${picked.toFixed(0)} ms, painted again in ${repaint.toFixed(0)} ms`);
    assert.ok(repaint < 200 && picked < 1000);
  },

  async "nothing stands in the way of anybody"() {
    for (const [width, scheme] of [[1440, "light"], [1440, "dark"], [390, "light"], [390, "dark"]]) {
      await page.setViewportSize({ width, height: 1000 });
      await page.emulateMedia({ colorScheme: scheme });
      await open(`${subject}&layer=conv_layer_3&channel=6&at=4,5${scheme === "dark" ? "&list=graph" : ""}`);
      await page.locator(".chain .step").first().waitFor();
      await attributed();
      if ((width === 1440) === (scheme === "light")) {  // both widths and both schemes, in half the time
        await page.evaluate(axe);
        const { violations } = await page.evaluate(() => globalThis.axe.run());
        assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html.slice(0, 200))]), []);
      }
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${width}: wider than it`);
      await shoot(`${width}-${scheme}`);
    }
  },
};

// What README shows.
async function shootReadme() {
  await page.setViewportSize({ width: 1440, height: 1180 });
  await page.emulateMedia({ colorScheme: "light" });
  await open(`${subject}&layer=conv_layer_3&channel=6&at=4,5`);
  await page.locator(".chain .step").first().waitFor();
  await page.waitForTimeout(600);
  await page.screenshot({ path: join(shots, "network.png") });
}

const failed = await runTests(tests, studio, shoot);
if (shots) await shootReadme();
await studio.close();
console.log(`${Object.keys(tests).length - failed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
