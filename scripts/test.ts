/** `npm test`: sets up what the tests need, checks, builds, and runs every test. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { check } from "./check.ts";
import { installDebianPackages } from "./debian.ts";
import { install } from "./install.mjs";

const root = join(import.meta.dirname, "..");

installDebianPackages();
install(join(root, "tests/programs"), "what tests run", process.execPath);
const isChecked = await check();
// The pools differ in what they need; one after the other leaves both cores to each. What only waits does so beside another.
const failed: string[] = [];
for (const projects of [["unit"], ["workers", "waits"], ["e2e"]]) {
  const passed = await Promise.all(projects.map((project) => runProject(project)));
  failed.push(...projects.filter((_, at) => !passed[at]));
}
if (!isChecked) failed.unshift("check");
if (failed.length > 0) {
  process.stdout.write(`\nnpm test failed: ${failed.join(", ")}\n`);
  process.exitCode = 1;
} else {
  process.stdout.write("\nnpm test passed.\n");
}

function runProject(project: string): Promise<boolean> {
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  const child = spawn(process.execPath, [vitest, "run", "--project", project], {
    cwd: root,
    stdio: "inherit",
    // The runtime would ask Cloudflare where this machine is.
    env: { ...process.env, CLOUDFLARE_CF_FETCH_ENABLED: "false" },
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code === 0));
  });
}
