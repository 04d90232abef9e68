/** How the dashboard is built: one small bundle of external files only, so that a strict CSP can serve it. */
import { fileURLToPath } from "node:url";
import preact from "@preact/preset-vite";
import { defineConfig } from "vite";

// CSS is written for browsers that know light-dark(); older ones would get a much larger sheet.
const BROWSERS = ["chrome123", "firefox121", "safari17.5"];

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  plugins: [preact({ devToolsEnabled: false })],
  build: {
    target: BROWSERS,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
    emptyOutDir: true,
  },
  server: {
    proxy: { "/api": { target: "http://localhost:8787", ws: true } },
  },
});
