import { defineConfig } from "vite";
import page from "./vite.config";

// The page of `convscope report`: one script and one sheet of styles, which embed.mjs puts into the page itself.
export default defineConfig({
  ...page,
  build: {
    ...page.build,
    cssCodeSplit: false,
    rollupOptions: { input: "report.html", output: { inlineDynamicImports: true } },
  },
});
