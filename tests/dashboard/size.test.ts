/** The first load of the dashboard stays small: index.html, and the scripts and styles it names. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "vite";
import { afterAll, beforeAll, expect, it } from "vitest";

const LIMIT_BYTES = 60 * 1024;
const root = fileURLToPath(new URL("../../dashboard", import.meta.url));
const out = mkdtempSync(path.join(tmpdir(), "dashboard-size-"));
let html = "";

beforeAll(async () => {
  await build({ root, configFile: path.join(root, "vite.config.ts"), logLevel: "error", build: { outDir: out } });
  html = readFileSync(path.join(out, "index.html"), "utf8");
}, 60_000);
afterAll(() => rmSync(out, { recursive: true, force: true }));

it("loads at most 60 KB of gzipped scripts and styles at first", () => {
  const files = [...html.matchAll(/(?:src|href)="(\/[^"]+\.(?:js|css))"/g)].map((match) => match[1] ?? "");
  const bytes = files.reduce((sum, file) => sum + gzipSync(readFileSync(path.join(out, file)), { level: 9 }).length, 0);
  expect(files.length).toBeGreaterThanOrEqual(3);
  expect(bytes).toBeLessThan(LIMIT_BYTES);
});

it("has no inline script or style, so that a strict content security policy can serve it", () => {
  expect(html).not.toMatch(/<script(?![^>]*\bsrc=)[^>]*>/);
  expect(html).not.toMatch(/<style|\son\w+=|\sstyle=/);
});
