/** Builds what the product runs: the agent with its keeper, the dashboard, the Worker and its assets. Skips what has not changed. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, copyFile, cp, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { build as bundle, type Plugin } from "esbuild";
import { build as buildDashboard } from "vite";
import { readIfThere } from "../local/file.ts";
import { packAgent } from "./pack.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "..");

type Part = { name: string; inputs: string[]; output: string; make(): Promise<void> };

const parts: Part[] = [
  {
    name: "dashboard",
    inputs: ["dashboard", "protocol", "package-lock.json"],
    output: "dashboard/dist",
    make: async () => {
      await buildDashboard({ root: join(root, "dashboard"), logLevel: "warn" });
    },
  },
  {
    name: "worker-agent",
    inputs: ["worker-agent", "protocol", "package-lock.json", "scripts/build.ts"],
    output: "worker-agent/dist",
    make: buildAgent,
  },
  {
    name: "assets",
    inputs: [
      "dashboard/dist",
      "worker-agent/dist",
      "worker-agent/install.sh",
      "worker-agent/package.json",
      "scripts/build.ts",
    ],
    output: "dist/assets",
    make: gatherAssets,
  },
  {
    name: "worker",
    inputs: ["workers", "protocol", "blueprints", "wrangler.toml", "package-lock.json"],
    output: "dist/worker",
    make: buildWorker,
  },
];

/** Builds the parts whose inputs changed since they were built. */
export async function buildAll(log: (line: string) => void = () => undefined): Promise<void> {
  for (const part of parts) {
    const stamp = join(root, "dist", `${part.name}.inputs`);
    const inputs = await hashOf(part.inputs);
    if (readIfThere(stamp) === inputs) continue;
    log(`Building the ${part.name} …`);
    await rm(stamp, { force: true });
    await rm(join(root, part.output), { recursive: true, force: true });
    await mkdir(join(root, part.output), { recursive: true });
    await part.make();
    await mkdir(join(root, "dist"), { recursive: true });
    await writeFile(stamp, inputs);
  }
}

async function buildAgent(): Promise<void> {
  const out = join(root, "worker-agent/dist");
  const { version } = JSON.parse(await readFile(join(root, "worker-agent/package.json"), "utf8")) as {
    version: string;
  };
  await bundle({
    entryPoints: {
      agent: join(root, "worker-agent/src/main.ts"),
      keeper: join(root, "worker-agent/src/keeper/main.ts"),
      tool: join(root, "worker-agent/src/tools/program/main.ts"),
      container: join(root, "worker-agent/src/containers/program/main.ts"),
    },
    outdir: out,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    // A stack trace from somebody's node must be readable: names and lines that are not too long stay.
    minify: true,
    keepNames: true,
    lineLimit: 320,
    legalComments: "none",
    define: { __AGENT_VERSION__: JSON.stringify(version) },
    // ws is CommonJS and requires Node's modules; its two native accelerators are optional and left out.
    banner: { js: "import{createRequire as requireFrom}from'node:module';const require=requireFrom(import.meta.url);" },
    // A terminal takes the native module where somebody put it beside the agent.
    plugins: [withoutUnused],
    external: ["bufferutil", "utf-8-validate", "@lydell/node-pty"],
    logLevel: "warning",
  });
  await chmod(join(out, "agent.mjs"), 0o755);
}

/** What dockerode asks for at its load and we never use: an engine over ssh, and builds. */
const UNUSED = /^(?:ssh2|cpu-features|@grpc\/grpc-js|@grpc\/proto-loader|protobufjs)$/;
const withoutUnused: Plugin = {
  name: "without-unused",
  setup(build) {
    build.onResolve({ filter: UNUSED }, ({ path }) => ({ path, namespace: "unused" }));
    build.onLoad({ filter: /.*/, namespace: "unused" }, ({ path }) => {
      const message = `${path} is left out of this build`;
      return { contents: `exports.Client = class { constructor() { throw new Error(${JSON.stringify(message)}); } };` };
    });
  },
};

/** The dashboard's files, and what a new node fetches: install.sh, the packed agent and its checksum. */
async function gatherAssets(): Promise<void> {
  const out = join(root, "dist/assets");
  await cp(join(root, "dashboard/dist"), out, { recursive: true });
  await copyFile(join(root, "worker-agent/install.sh"), join(out, "install.sh"));
  const folder = join(out, "agent");
  await mkdir(folder);
  const packed = await packAgent(folder);
  const sha256 = createHash("sha256")
    .update(await readFile(packed))
    .digest("hex");
  // npm and npx keep a package by its URL: another build of the same version needs another name.
  const name = `${basename(packed, ".tgz")}-${sha256.slice(0, 8)}.tgz`;
  await rename(packed, join(folder, name));
  await writeFile(join(folder, "SHASUMS256.txt"), `${sha256}  ${name}\n`);
}

async function buildWorker(): Promise<void> {
  const wrangler = join(root, "node_modules/wrangler/bin/wrangler.js");
  await run(process.execPath, [wrangler, "deploy", "--dry-run", "--minify", "--outdir", "dist/worker"], {
    cwd: root,
    env: { ...process.env, CLOUDFLARE_CF_FETCH_ENABLED: "false", WRANGLER_SEND_METRICS: "false", CI: "true" },
  });
}

async function hashOf(paths: string[]): Promise<string> {
  const hash = createHash("sha256");
  for (const path of paths) {
    for (const file of await filesOf(path))
      hash
        .update(file)
        .update("\0")
        .update(await readFile(join(root, file)));
  }
  return hash.digest("hex");
}

async function filesOf(path: string): Promise<string[]> {
  const entries = await readdir(join(root, path), { withFileTypes: true }).catch(() => undefined);
  if (!entries) return [path];
  const files: string[] = [];
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name === "node_modules" || entry.name === "dist") continue;
    if (entry.isDirectory()) files.push(...(await filesOf(join(path, entry.name))));
    else files.push(join(path, entry.name));
  }
  return files;
}

if (import.meta.main) await buildAll((line) => process.stdout.write(`${line}\n`));
