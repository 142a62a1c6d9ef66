// How fast the studio is, in Debian's Chromium on the real server: node bench/studio.mjs PROGRAM [ROUNDS]
// From the change of a kernel's cell to the picture on the screen; the first load of the page; its size. Medians and
// quartiles, in milliseconds.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { existsSync } from "node:fs";
import { deflateSync } from "node:zlib";

const { chromium } = createRequire(new URL("../web/package.json", import.meta.url))("playwright-core");
const [program, rounds = "40"] = process.argv.slice(2);
const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
if (!executablePath) {
  console.log("the studio is not measured: there is no Chromium");
  process.exit(0);
}

function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

function chunk(name, data) {
  const body = Buffer.concat([Buffer.from(name), data]);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(data.length, 0);
  ends.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
}

// A picture of waves: something at every scale, and none of it noise.
function png(width, height, channels) {
  const rows = Buffer.alloc(height * (1 + width * channels));
  for (let y = 0, at = 0; y < height; y++) {
    rows[at++] = 0;
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < channels; c++) rows[at++] = 127 + 60 * Math.sin((x * (c + 1)) / 9) + 60 * Math.cos((y * x) / 4000);
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, channels === 3 ? 2 : 0], 8);
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.alloc(0))]);
}

function quartiles(times) {
  const sorted = times.toSorted((a, b) => a - b);
  const [low, median, high] = [0.25, 0.5, 0.75].map((part) => sorted[Math.floor(part * (sorted.length - 1))].toFixed(1));
  return `${median.padStart(8)} ms   ${low}-${high}`;
}

const server = spawn(program, ["serve", "--port", "0"], { stdio: ["ignore", "pipe", "inherit"] });
const address = await new Promise((resolve) => server.stdout.on("data", (text) => {
  const found = /http:\/\/\S+/.exec(String(text));
  if (found) resolve(found[0]);
}));
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });

async function firstLoad() {
  const context = await browser.newContext();  // nothing is kept from before
  const page = await context.newPage();
  let bytes = 0;
  page.on("response", async (response) => (bytes += Number(response.headers()["content-length"] ?? 0) * /\.(js|css|svg)$|\/$/.test(new URL(response.url()).pathname)));
  await page.goto(`${address}#playground?picture=chelsea&kernel=edge`);
  await page.waitForFunction(() => performance.getEntriesByName("painted").length > 2);
  const time = await page.evaluate(() => performance.getEntriesByName("painted")[2].startTime);
  await context.close();
  return { time, bytes };
}

async function edits(width, height, channels) {
  const page = await browser.newPage({ viewport: { width: 1440, height: 1000 } });
  await page.goto(`${address}#playground?picture=chelsea&kernel=edge&colour=${channels === 3 ? "rgb" : "grey"}`);
  await page.locator('input[type="file"]').setInputFiles({ name: "waves.png", mimeType: "image/png", buffer: png(width, height, channels) });
  await page.waitForFunction(() => location.hash.includes("sent-"));
  await page.waitForTimeout(1500);
  const times = [];
  for (let round = 0; round < Number(rounds); round++) {
    const time = await page.evaluate(async (value) => {
      const cell = document.querySelector('[aria-label="row 0, column 0"]');
      const setter = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set;
      const stages = document.querySelectorAll(".row .stage canvas").length;
      const began = performance.now();
      performance.clearMarks("painted");
      setter.call(cell, String(value));
      cell.dispatchEvent(new Event("input", { bubbles: true }));
      // All stages are painted, and then the frame that shows them has been made.
      while (performance.getEntriesByName("painted").length < stages) await new Promise((resolve) => setTimeout(resolve, 0));
      await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 0)));
      return performance.now() - began;
    }, -1 - round / 100);
    times.push(time);
    await page.waitForTimeout(60);  // as one drags
  }
  await page.close();
  return times;
}

const loads = [];
for (let round = 0; round < 7; round++) loads.push(await firstLoad());
console.log(`first load of the page, to its pictures  ${quartiles(loads.map(({ time }) => time))}, ${(loads[0].bytes / 1000).toFixed(0)} kB compressed`);
console.log(`a kernel's cell, 512 x 512 grey          ${quartiles(await edits(512, 512, 1))}`);
console.log(`a kernel's cell, 1632 x 1224 RGB         ${quartiles(await edits(1632, 1224, 3))}`);
await browser.close();
server.kill("SIGINT");
