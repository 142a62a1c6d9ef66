// The Train view as a person uses it, in Debian's Chromium on the real server: node train.mjs PROGRAM ROOT [SHOTS]
// Ends with 77 where there is no browser. SHOTS is a folder for pictures of the page.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { runTests } from "./studio.mjs";

const [program, , shots] = process.argv.slice(2);
const browserPath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"].find(existsSync);
if (!browserPath) {
  console.log("skipped: there is no Chromium");
  process.exit(77);
}
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const runs = mkdtempSync(join(tmpdir(), "convscope-runs-"));
const server = spawn(program, ["serve", "--port", "0", "--runs", runs], { stdio: ["ignore", "pipe", "inherit"] });
const address = await new Promise((resolve) =>
  server.stdout.on("data", (text) => {
    const found = /http:\/\/\S+/.exec(String(text));
    if (found) resolve(found[0]);
  }),
);
const browser = await chromium.launch({ executablePath: browserPath, args: ["--no-sandbox"] });
const context = await browser.newContext({ viewport: { width: 1440, height: 1000 }, colorScheme: "light" });
const wrong = [];
function watch(tab) {
  tab.on("console", (message) => ["error", "warning"].includes(message.type()) && wrong.push(message.text()));
  tab.on("pageerror", (error) => wrong.push(String(error)));
  tab.on("request", (request) => {
    const { origin, protocol } = new URL(request.url());
    if (origin !== new URL(address).origin && protocol !== "blob:" && protocol !== "data:") wrong.push(`request to ${origin}`);
  });
  return tab;
}
const page = watch(await context.newPage());

const small = ["Conv2D filters=4 kernel_size=3 activation=relu", "MaxPooling2D pool_size=4", "Flatten", "Dense units=10 activation=softmax"];
const linkOf = (more) => {
  const query = new URLSearchParams({ model: "", batch: "64", ...more });
  for (const line of small) query.append("l", line);
  return `${address}#train?${query}`;
};
const open = async (tab, link) => {
  await tab.goto("about:blank");
  await tab.goto(link);
  await tab.locator(".layers li").first().waitFor();
};
const button = (name, tab = page) => tab.getByRole("button", { name, exact: true });
const isState = (state, tab = page) => tab.locator(`[data-fact="state"][data-state="${state}"]`).waitFor();
const step = async (tab = page) => Number((await tab.locator('[data-fact="step"]').innerText()).split(" of ")[0].replaceAll(",", ""));
const linked = (text) => page.waitForFunction((part) => decodeURIComponent(location.hash).includes(part), text);
const shoot = async (name) => shots && (await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true }));
// What a chart holds, read off the table of epochs and the sum of what it draws.
const inked = (tab = page) =>
  tab.locator(".plot canvas").first().evaluate((canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return data.filter((value, i) => i % 4 === 3 && value > 0).length;
  });

const tests = {
  async "layers are checked as one types, and a mistake is marked at its layer"() {
    await open(page, `${address}#train`);
    await page.getByText("243,786 parameters").waitFor();
    await button("Edit the layers").click();
    const second = page.getByLabel("Layer 2", { exact: true });
    assert.match(await second.inputValue(), /^MaxPooling2D/);
    await second.fill("MaxPooling2D pool_size=40");
    await page.locator(".layers li.wrong").nth(0).waitFor();
    assert.match(await page.locator(".layers li").nth(1).innerText(), /must fit|at least/);
    assert.equal(await second.getAttribute("aria-invalid"), "true");
    assert.ok(await button("Train").isDisabled());
    await second.fill("MaxPooling2D pool_size=4");
    await page.locator(".layers li").nth(1).getByText("6 × 6 × 64").waitFor();
    await linked("l=MaxPooling2D+pool_size=4");
  },

  async "one epoch is trained, its curve arrives, and its accuracy is the command line's"() {
    await open(page, linkOf({ epochs: "1", name: "first" }));
    await page.locator(".layers li").nth(3).getByText("10, 1,450 parameters").waitFor();
    await button("Train").click();
    await isState("running");
    await page.locator(".plot canvas").first().waitFor();
    await isState("finished");
    assert.equal(await step(), 157);
    assert.ok((await inked()) > 1000);
    const shown = Number(await page.locator('[data-fact="accuracy"]').getAttribute("data-value"));
    const told = JSON.parse(execFileSync(program, ["evaluate", join(runs, "first"), "--data", "fashion-mnist-small", "--json"]));
    assert.equal(shown, told.accuracy);
    await page.locator(`[data-fact="evaluated"][data-value="${told.accuracy}"]`).waitFor();
    assert.equal(Number(await page.locator(".confusion .cell").first().innerText()), told.confusion[0][0]);
  },

  async "it pauses, makes one step, goes on and stops, and another tab sees the same"() {
    await open(page, linkOf({ epochs: "200", name: "second" }));
    const other = watch(await context.newPage());
    await open(other, `${address}#train`);
    await button("Train").click();
    await isState("running");
    await isState("running", other);
    await button("Pause", other).click();
    await isState("paused");
    await isState("paused", other);
    const at = await step();
    assert.equal(await step(other), at);
    await button("One step").click();
    await page.waitForFunction((text) => document.querySelector('[data-fact="step"]').innerText.startsWith(text), `${(at + 1).toLocaleString("en")} of`);
    await page.getByRole("button", { name: "Gradient" }).click();
    await page.locator('[data-fact="look-step"]').getByText((at + 1).toLocaleString("en"), { exact: true }).waitFor();
    assert.equal(await page.locator(".look-main .map canvas").count(), 1);
    await button("Resume").click();
    await isState("running", other);
    await other.close();
  },

  async "a tab that is killed does not stop it, and one that comes late has the whole curve"() {
    const before = await step();
    const gone = watch(await context.newPage());
    await open(gone, `${address}#train`);
    await isState("running", gone);
    await page.close({ runBeforeUnload: false });
    await gone.close();
    const late = watch(await context.newPage());
    await open(late, `${address}#train`);
    await isState("running", late);
    await late.locator(".plot canvas").first().waitFor();
    assert.ok((await step(late)) > before);
    await button("Stop", late).click();
    await isState("interrupted", late);
    const stopped = await step(late);
    await button("Resume second", late).first().click();
    await isState("running", late);
    assert.ok((await step(late)) >= stopped);
    await button("Stop", late).click();
    await isState("interrupted", late);
    await late.close();
  },

  async "a link restores the settings, and the slider goes through the snapshots"() {
    const tab = (globalThis.page2 = watch(await context.newPage()));
    const link = `${address}#train?model=lenet&epochs=7&optimizer=sgd%3Amomentum%3D0.9&schedule=step%3A500%3A0.5&shift=0.1&flip=yes&log=yes&shown=first&at=101&kind=maps&sample=18&with=second`;
    await open(tab, link);
    assert.equal(await tab.getByLabel("Network", { exact: true }).inputValue(), "lenet");
    assert.equal(await tab.getByLabel("Epochs", { exact: true }).inputValue(), "7");
    assert.equal(await tab.getByLabel("momentum", { exact: true }).inputValue(), "0.9");
    assert.equal(await tab.getByLabel("factor", { exact: true }).inputValue(), "0.5");
    assert.equal(await tab.getByLabel("Loss on a log scale").isChecked(), true);
    await tab.locator('[data-fact="look-step"]').getByText("101", { exact: true }).waitFor();
    assert.match(await tab.locator(".says").innerText(), /is: Bag/);
    await tab.getByLabel(/^Snapshot/).press("ArrowLeft");
    await tab.locator('[data-fact="look-step"]').getByText("51", { exact: true }).waitFor();
    assert.match(await tab.locator(".chart").first().innerText(), /second/);
    const command = await tab.locator(".reproduce pre").innerText();
    assert.match(command, /convscope train lenet --data fashion-mnist-small --epochs 7 --optimizer sgd:momentum=0.9 --schedule step:500:0.5 --shift 0.1 --flip/);
  },

  async "nothing stands in the way of anybody"() {
    const tab = globalThis.page2;
    for (const [width, scheme] of [[1440, "light"], [390, "dark"]]) {
      await tab.setViewportSize({ width, height: 1000 });
      await tab.emulateMedia({ colorScheme: scheme });
      await open(tab, `${linkOf({ shown: "first" })}&with=second`);
      await tab.locator(".confusion").waitFor();
      await tab.locator(".look-main canvas").waitFor();
      await tab.evaluate(axe);
      const { violations } = await tab.evaluate(() => globalThis.axe.run());
      assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html.slice(0, 200))]), []);
      assert.ok(await tab.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${width}: wider than it`);
      if (shots) await tab.screenshot({ path: join(shots, `train-${width}-${scheme}.png`), fullPage: true });
    }
  },
};

// What README shows: a network in its second epoch.
async function shootReadme() {
  const tab = await context.newPage();
  await open(tab, `${address}#train?name=clothes&epochs=2`);
  await button("Train", tab).click();
  await tab.waitForFunction(() => Number(document.querySelector('[data-fact="step"]')?.innerText.split(" ")[0]) > 420, { timeout: 120000 });
  await button("Pause", tab).click();
  await isState("paused", tab);
  await tab.waitForTimeout(800);
  await tab.screenshot({ path: join(shots, "studio_train.png") });
}

const failed = await runTests(tests, { wrong }, (name) => !page.isClosed() && shoot(name));
if (shots) await shootReadme();
await browser.close();
const ended = new Promise((resolve) => server.on("exit", resolve));
server.kill("SIGINT");
await ended;
rmSync(runs, { recursive: true });
console.log(`${Object.keys(tests).length - Math.min(failed, Object.keys(tests).length)} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
