// The Playground as a person uses it, in Debian's Chromium on the real server: node playground.mjs PROGRAM ROOT [SHOTS]
// Ends with 77 where there is no browser. SHOTS is a folder for pictures of the page.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { runTests } from "./studio.mjs";

const [program, root, shots] = process.argv.slice(2);
const browserPath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"].find(existsSync);
if (!browserPath) {
  console.log("skipped: there is no Chromium");
  process.exit(77);
}
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const server = spawn(program, ["serve", "--port", "0"], { stdio: ["ignore", "pipe", "inherit"] });
const address = await new Promise((resolve) =>
  server.stdout.on("data", (text) => {
    const found = /http:\/\/\S+/.exec(String(text));
    if (found) resolve(found[0]);
  }),
);
const browser = await chromium.launch({ executablePath: browserPath, args: ["--no-sandbox"] });
const context = await browser.newContext({ viewport: { width: 1440, height: 1000 }, colorScheme: "light" });
await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: new URL(address).origin });
const page = await context.newPage();
const wrong = [];
page.on("console", (message) => ["error", "warning"].includes(message.type()) && wrong.push(message.text()));
page.on("pageerror", (error) => wrong.push(String(error)));
page.on("request", (request) => {
  const { origin, protocol } = new URL(request.url());
  if (origin !== new URL(address).origin && protocol !== "blob:" && protocol !== "data:") wrong.push(`request to ${origin}`);
});

// The values that the command line computes: (shape, numbers) of a tensor.
function engine(tensor, ...options) {
  const folder = mkdtempSync(join(tmpdir(), "convscope-"));
  try {
    execFileSync(program, ["filter", join(root, "data/pictures/chelsea.png"), ...options, "--save", folder]);
    const file = readFileSync(join(folder, `${tensor}.npy`));
    const header = 10 + file.readUInt16LE(8);
    const shape = /\(([^)]*)\)/.exec(file.toString("latin1", 0, header))[1].split(",").map(Number);
    const numbers = new Float32Array(file.buffer.slice(file.byteOffset + header, file.byteOffset + file.length));
    return { at: (row, column) => numbers[(row * shape[2] + column) * shape[3]] };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const value = (tensor) => page.locator(`.why .step:has(h3:has-text("${tensor}[")) b`).getAttribute("data-value");
const stage = (name, row = 0) => page.locator(".row").nth(row).locator(`[data-stage="${name}"]`);
const settled = async () => {
  await page.waitForLoadState("networkidle");
  await page.waitForFunction(() => document.querySelectorAll(".row .stage canvas").length > 0);
};
// The link follows a moment later.
const linked = (text) => page.waitForFunction((part) => decodeURIComponent(location.hash).includes(part), text);
// What README shows.
async function shootReadme() {
  await page.setViewportSize({ width: 1440, height: 800 });
  await page.emulateMedia({ colorScheme: "light" });
  await page.goto("about:blank");
  await page.goto(`${address}#playground?picture=astronaut&kernel=sobel-x&at=0,conv,180,252,0`);
  await settled();
  await page.locator(".why .step").first().waitFor();
  await page.waitForTimeout(600);
  await page.screenshot({ path: join(shots, "studio.png") });
}
const shoot = async (name) => shots && (await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true }));

const tests = {
  async "a kernel's cell is edited and the value is the engine's"() {
    await page.goto(`${address}#playground?picture=chelsea&kernel=edge&at=0,conv,100,200,0`);
    await settled();
    const before = Number(await value("conv"));
    assert.ok(Math.abs(before - engine("conv", "--gray", "--kernel", "edge", "--padding", "same").at(100, 200)) < 1e-6);
    const cell = page.getByRole("textbox", { name: "row 0, column 0" });
    await cell.fill("2.5");
    await page.waitForFunction((old) => document.querySelector(".why .total b")?.dataset.value !== old, String(before));
    await settled();
    const literal = "[[2.5,-1,-1],[-1,8,-1],[-1,-1,-1]]";
    await linked(literal);
    const after = engine("conv", "--gray", "--kernel", literal, "--padding", "same").at(100, 200);
    assert.equal(Math.fround(Number(await value("conv"))), after);
    assert.equal(await cell.inputValue(), "2.5");
  },

  async "a link restores what it was taken from"() {
    const link = `${address}#playground?picture=coffee&colour=rgb&kernel=gaussian%3Asize%3D7&kernel=sobel-x&stride=2&activation=tanh&pool=average%3A3%3A2`;
    await page.goto("about:blank");
    await page.goto(link);
    await settled();
    assert.equal(await page.getByLabel("Colour", { exact: true }).inputValue(), "rgb");
    assert.equal(await page.getByLabel("Stride").inputValue(), "2");
    assert.equal(await page.locator(".row").count(), 2);
    assert.match(await stage("average_pool", 1).innerText(), /99 × 149 × 3|100 × 150 × 3/);
    await page.getByLabel("Function").selectOption("elu");
    await linked("activation=elu");
    await page.reload();
    await settled();
    assert.equal(await page.getByLabel("Function").inputValue(), "elu");
  },

  async "pointing at an output frames its window, pointing at the input what it reaches"() {
    await page.goto("about:blank");
    await page.goto(`${address}#playground?picture=chelsea&kernel=box`);
    await settled();
    await stage("conv").locator(".map").hover({ position: { x: 60, y: 60 } });
    await page.locator(".source .box.window").waitFor();
    await page.locator(".why .step").first().waitFor();
    assert.equal(await page.locator(".why .sum td").count(), 27);
    await page.locator(".source .map").hover({ position: { x: 60, y: 60 } });
    await stage("conv").locator(".box.reach").waitFor();
    assert.match(await page.locator(".why").innerText(), /reaches 9 values/);
  },

  async "the window slides and stops"() {
    await page.getByRole("button", { name: "Play" }).click();
    await page.waitForFunction(() => Number(document.querySelector(".player input")?.value) > 3);
    await page.getByRole("button", { name: "Pause" }).click();
    assert.ok((await stage("conv").locator(".cover").count()) === 2);
    await page.getByRole("button", { name: "Clear" }).click();
    assert.equal(await stage("conv").locator(".cover").count(), 0);
  },

  async "the keyboard alone does it all"() {
    await page.goto("about:blank");
    await page.goto(`${address}#playground?picture=chelsea&kernel=edge`);
    await settled();
    await page.getByRole("textbox", { name: "row 1, column 1" }).focus();
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.type("4");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.getAttribute("aria-label")), "row 1, column 0");
    await linked("[[4,-1,-1]");
    await stage("conv").locator(".map").focus();
    await page.keyboard.press("Enter");
    await page.keyboard.press("Shift+ArrowRight");
    await page.locator(".why .step").first().waitFor();
    await linked("at=0,conv,150,235,0");
  },

  async "a drawing is a picture, and in the link"() {
    await page.getByRole("button", { name: "Draw", exact: true }).click();
    const pad = page.locator(".pad .map");
    await pad.scrollIntoViewIfNeeded();
    const box = await pad.boundingBox();
    await page.mouse.move(box.x + 40, box.y + 40);
    await page.mouse.down();
    await page.mouse.move(box.x + 120, box.y + 120, { steps: 5 });
    await page.mouse.up();
    await page.waitForFunction(() => decodeURIComponent(location.hash).includes("drawing:") && location.hash.length > 200);
    await settled();
    assert.match(await page.locator(".source").innerText(), /28 × 28/);
  },

  async "a picture is opened, and a wrong one is told"() {
    const input = page.locator('input[type="file"]');
    await input.setInputFiles(join(root, "data/pictures/coffee.png"));
    await page.waitForFunction(() => location.hash.includes("sent-"));
    await settled();
    assert.match(await page.locator(".source").innerText(), /400 × 600/);
    assert.match(await page.locator(".reproduce pre").innerText(), /convscope filter coffee\.png/);
    await input.setInputFiles({ name: "x.png", mimeType: "image/png", buffer: Buffer.from("nothing") });
    await page.getByRole("alert").waitFor();
    wrong.splice(0, wrong.length, ...wrong.filter((text) => !text.includes("400"))); // the browser tells of it too
  },

  async "the command line of the page computes what the page shows"() {
    await page.goto("about:blank");
    await page.goto(`${address}#playground?picture=chelsea&kernel=emboss&stride=2&padding=valid&at=0,max_pool,20,30,0`);
    await settled();
    await page.locator(".why .step").first().waitFor();
    await page.getByRole("button", { name: "Copy", exact: true }).click();
    const line = await page.evaluate(() => navigator.clipboard.readText());
    const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain).slice(3);
    assert.equal(Math.fround(Number(await value("max_pool"))), engine("max_pool", ...words).at(20, 30));
  },

  async "nothing stands in the way of anybody"() {
    for (const [width, scheme] of [[1440, "light"], [1440, "dark"], [390, "light"], [390, "dark"]]) {
      await page.setViewportSize({ width, height: 1000 });
      await page.emulateMedia({ colorScheme: scheme });
      await page.goto("about:blank");
      await page.goto(`${address}#playground?picture=chelsea&kernel=edge&at=0,activation,120,225,0`);
      await settled();
      await page.locator(".why .step").first().waitFor();
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

const failed = await runTests(tests, { wrong }, shoot);
if (shots) await shootReadme();
await browser.close();
server.kill("SIGINT");
console.log(`${Object.keys(tests).length - failed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
