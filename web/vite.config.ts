import { defineConfig } from "vite";

// `npm run dev` serves the page from its sources, with the engine of a running `convscope serve`.
export default defineConfig({
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
  build: { target: "es2022", assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  server: { proxy: { "/api": { target: "http://127.0.0.1:8123", headers: { origin: "http://127.0.0.1:8123" }, changeOrigin: true } } },
});
