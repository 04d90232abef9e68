/** A million frames of random streams through each side of the multiplexer: the suite's own tests, with more of everything. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");
const FRAMES = 1_000_000;
const SIDES = [
  { project: "unit", file: "tests/worker-agent/link/multiplexer" },
  { project: "workers", file: "tests/workers/objects/multiplexer" },
];

/** Answers which sides failed; what is wrong stands in the output. */
export function shakeMultiplexer(): string[] {
  return SIDES.filter(({ project, file }) => {
    const vitest = join(root, "node_modules/vitest/vitest.mjs");
    const { status } = spawnSync(process.execPath, [vitest, "run", "--project", project, file], {
      cwd: root,
      stdio: "inherit",
      env: { ...process.env, MULTIPLEXER_FRAMES: String(FRAMES), CLOUDFLARE_CF_FETCH_ENABLED: "false" },
    });
    return status !== 0;
  }).map(({ file }) => `${file} failed`);
}
