/** The keeper as the agent gets it: one bundled file, made once for each test run. */
import { build } from "esbuild";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Bundles the keeper into `dir` and gives the file's path. */
export async function buildKeeper(dir: string): Promise<string> {
  const outfile = join(dir, "keeper.mjs");
  await build({
    entryPoints: [join(import.meta.dirname, "../../../worker-agent/src/keeper/main.ts")],
    outfile,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    minify: true,
    logLevel: "error",
  });
  return outfile;
}

/** A folder below the system's temporary one, and its removal. */
export async function makeTempDir(prefix = "rh-"): Promise<{ dir: string; remove: () => Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), prefix));
  return { dir, remove: () => rm(dir, { recursive: true, force: true, maxRetries: 5 }) };
}
