// What the tests of all views need: the real server, Debian's Chromium, and numbers of the command line.
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

export const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

// Ends the program with 77 where there is no browser. `own`: the start of the addresses that the page may ask of. `wrong`
// collects what must not happen: errors in the console, requests of anything else.
export async function openPage(own, options = {}) {
  const browserPath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"].find(existsSync);
  if (!browserPath) {
    console.log("skipped: there is no Chromium");
    process.exit(77);
  }
  const browser = await chromium.launch({ executablePath: browserPath, args: ["--no-sandbox"] });
  const context = await browser.newContext({ viewport: { width: 1440, height: 1000 }, colorScheme: "light", ...options });
  const page = await context.newPage();
  const wrong = [];
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && wrong.push(message.text()));
  page.on("pageerror", (error) => wrong.push(String(error)));
  page.on("request", (request) => {
    const url = request.url();
    if (![own, "blob:", "data:"].some((start) => url.startsWith(start))) wrong.push(`request of ${url.slice(0, 200)}`);
  });
  return { page, wrong, context, close: () => browser.close() };
}

export async function openStudio(program, ...models) {
  const server = spawn(program, ["serve", "--port", "0", ...models], { stdio: ["ignore", "pipe", "inherit"] });
  const address = await new Promise((resolve) =>
    server.stdout.on("data", (text) => {
      const found = /http:\/\/\S+/.exec(String(text));
      if (found) resolve(found[0]);
    }),
  );
  const { origin } = new URL(address);
  const { page, wrong, context, close } = await openPage(origin);
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin });
  return {
    address,
    page,
    wrong,
    close: async () => {
      await close();
      server.kill("SIGINT");
    },
  };
}

// What `convscope ARGUMENTS --save` writes of a tensor: its shape and its numbers.
export function saved(program, tensor, args) {
  const folder = mkdtempSync(join(tmpdir(), "convscope-"));
  try {
    execFileSync(program, [...args, "--save", folder], { stdio: ["ignore", "ignore", "inherit"] });
    const file = readFileSync(join(folder, `${tensor.replace(/\//g, ".")}.npy`));
    const header = 10 + file.readUInt16LE(8);
    const shape = /\(([^)]*)\)/.exec(file.toString("latin1", 0, header))[1].split(",").filter((text) => text.trim()).map(Number);
    return { shape, numbers: new Float32Array(file.buffer.slice(file.byteOffset + header, file.byteOffset + file.length)) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

// Runs all tests, tells how each went, and ends the program.
export async function runTests(tests, studio, shoot) {
  let failed = 0;
  for (const [name, test] of Object.entries(tests)) {
    const began = performance.now();
    try {
      await test();
      console.log(`ok    ${name} (${Math.round(performance.now() - began)} ms)`);
    } catch (error) {
      failed++;
      await shoot(`failed-${failed}`);
      console.log(`FAIL  ${name}\n${error.stack}`);
    }
  }
  if (studio.wrong.length > 0) {
    failed++;
    console.log(`FAIL  the console is quiet and no request leaves the machine\n${studio.wrong.join("\n")}`);
  }
  return failed;
}
