/** `npm test`: sets up what the tests need, checks, builds, and runs every test. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { check } from "./check.ts";
import { installDebianPackages } from "./debian.ts";

const root = join(import.meta.dirname, "..");

installDebianPackages();
const isChecked = await check();
// The pools differ in what they need; one after the other leaves both cores to each.
const failed = ["unit", "workers", "e2e"].filter((project) => !runProject(project));
if (!isChecked) failed.unshift("check");
if (failed.length > 0) {
  process.stdout.write(`\nnpm test failed: ${failed.join(", ")}\n`);
  process.exitCode = 1;
} else {
  process.stdout.write("\nnpm test passed.\n");
}

function runProject(project: string): boolean {
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  const { status } = spawnSync(process.execPath, [vitest, "run", "--project", project], {
    cwd: root,
    stdio: "inherit",
    // The runtime would ask Cloudflare where this machine is.
    env: { ...process.env, CLOUDFLARE_CF_FETCH_ENABLED: "false" },
  });
  return status === 0;
}
