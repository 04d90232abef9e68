/** The keeper as the agent gets it: one bundled file, made once for each test run. */
import { build } from "esbuild";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Bundles the keeper into `dir` and gives the file's path. */
export function buildKeeper(dir: string): Promise<string> {
  return bundle(join(import.meta.dirname, "../../../worker-agent/src/keeper/main.ts"), join(dir, "keeper.mjs"));
}

/** For packages that are CommonJS and ask for Node's modules, as in scripts/build.ts. */
const REQUIRE = "import{createRequire as requireFrom}from'node:module';const require=requireFrom(import.meta.url);";

/** One file that any Node from 20 on runs. */
export async function bundle(entry: string, outfile: string): Promise<string> {
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    minify: true,
    logLevel: "error",
    banner: { js: REQUIRE },
    external: ["esbuild", "bufferutil", "utf-8-validate", "@lydell/node-pty"],
  });
  return outfile;
}

/** A folder below the system's temporary one, and its removal. */
export async function makeTempDir(prefix = "rh-"): Promise<{ dir: string; remove: () => Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), prefix));
  return { dir, remove: () => rm(dir, { recursive: true, force: true, maxRetries: 5 }) };
}
