// Puts the files of the built page into one C++ source: node embed.mjs DIST REPORT OPENAPI SOURCE
// The document of the API goes with them, as /api/openapi.json; and the page of reports, as one file.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { extname, join, relative, sep } from "node:path";
import { gzipSync } from "node:zlib";

const [dist, report, openapi, source] = process.argv.slice(2);

const types = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".json": "application/json",
};

function filesIn(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => (entry.isDirectory() ? filesIn(join(folder, entry.name)) : [join(folder, entry.name)]));
}

// The page with its script and its styles inside.
function inOneFile(folder) {
  const page = readFileSync(join(folder, "report.html"), "utf8");
  const text = (path) => readFileSync(join(folder, path), "utf8");
  return page
    .replace(/<link rel="stylesheet"[^>]* href="([^"]*)">/, (_, path) => `<style>${text(path)}</style>`)
    .replace(/<script type="module"[^>]* src="([^"]*)"><\/script>/, (_, path) =>
      `<script type="module">${text(path).replaceAll("</script", "<\\/script")}</script>`);
}

const files = filesIn(dist).map((file) => {
  const path = "/" + relative(dist, file).split(sep).join("/");
  return { path: path === "/index.html" ? "/" : path, type: types[extname(file)], content: readFileSync(file) };
});
files.push({ path: "/api/openapi.json", type: types[".json"], content: readFileSync(openapi) });
files.push({ path: "/report.html", type: types[".html"], content: Buffer.from(inOneFile(report)) });

let arrays = "";
let rows = "";
files.forEach(({ path, type, content }, index) => {
  if (!type) throw new Error(`${path}: its type is not known to embed.mjs`);
  const gzip = gzipSync(content, { level: 9 });
  const tag = createHash("sha256").update(content).digest("hex").slice(0, 16);
  arrays += `constexpr unsigned char kFile${index}[] = {${[...gzip].join(",")}};\n`;
  rows += `    {"${path}", "${type}", "\\"${tag}\\"", {reinterpret_cast<const char*>(kFile${index}), sizeof kFile${index}}},\n`;
});

writeFileSync(
  source,
  `// Made by web/embed.mjs.
#include "app/server/page.h"

namespace convscope::server {
namespace {

${arrays}
}  // namespace

std::span<const PageFile> PageFiles() {
  static const PageFile files[] = {
${rows}  };
  return files;
}

}  // namespace convscope::server
`,
);
