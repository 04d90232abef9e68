/** `npm run check`: format, lint, types, dead code, and the bundles within their size limits. */
import { spawnSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { buildAll } from "./build.ts";
import { packedSize } from "./pack.ts";

const root = join(import.meta.dirname, "..");

/** Bytes. The dashboard's is the first load, the others are whole programs. */
const LIMITS = {
  worker: { bytes: 1024 * 1024, what: "the Worker, gzipped" },
  agent: { bytes: 324 * 1024, what: "the packed worker agent" },
  dashboard: { bytes: 60 * 1024, what: "the dashboard's first load, gzipped" },
};

const STEPS: [name: string, command: string, ...args: string[]][] = [
  ["format", "oxfmt", "--check", "."],
  ["lint", "oxlint", "--deny-warnings"],
  ["types of protocol", "tsc", "-p", "protocol"],
  ["types of workers", "tsc", "-p", "workers"],
  ["types of worker-agent", "tsc", "-p", "worker-agent"],
  ["types of dashboard", "tsc", "-p", "dashboard"],
  ["types of local, scripts, tests", "tsc", "-p", "."],
  ["types of tests in workerd", "tsc", "-p", "tests/workers"],
  ["dead code", "knip"],
];

/** Runs every step and says at the end which failed. */
export async function check(): Promise<boolean> {
  const failed = STEPS.filter(([name, command, ...args]) => !step(name, command, args)).map(([name]) => name);
  await buildAll((line) => process.stdout.write(`${line}\n`));
  failed.push(...(await oversized()));
  if (failed.length > 0) process.stdout.write(`\nFailed: ${failed.join(", ")}\n`);
  return failed.length === 0;
}

function step(name: string, command: string, args: string[]): boolean {
  process.stdout.write(`check: ${name}\n`);
  const { status } = spawnSync(join(root, "node_modules/.bin", command), args, { cwd: root, stdio: "inherit" });
  return status === 0;
}

async function oversized(): Promise<string[]> {
  const sizes = { worker: gzipped("dist/worker/index.js"), agent: await packedSize(), dashboard: firstLoad() };
  const names = Object.keys(LIMITS) as (keyof typeof LIMITS)[];
  return names.flatMap((name) => {
    const { bytes, what } = LIMITS[name];
    process.stdout.write(`check: ${what}: ${(sizes[name] / 1024).toFixed(1)} of ${bytes / 1024} KiB\n`);
    return sizes[name] > bytes ? [`size of ${what}`] : [];
  });
}

/** What a browser fetches before it can show anything: the scripts and styles that index.html names. */
function firstLoad(): number {
  const html = readFileSync(join(root, "dashboard/dist/index.html"), "utf8");
  const files = [...html.matchAll(/(?:src|href)="\/([^"]+\.(?:js|css))"/g)].map((match) => match[1] ?? "");
  return files.reduce((sum, file) => sum + gzipped(`dashboard/dist/${file}`), gzipSync(html).length);
}

function gzipped(path: string): number {
  const file = join(root, path);
  return statSync(file).size === 0 ? 0 : gzipSync(readFileSync(file), { level: 9 }).length;
}

if (import.meta.main) process.exitCode = (await check()) ? 0 : 1;
