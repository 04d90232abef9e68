// Installs packages from the npm registry. Plain JavaScript, because it is what an old Node reads first.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

/**
 * Installs what a folder's lock file says, unless that was done. No package's install script is run: none is needed.
 * @param {string} folder
 * @param {string} what for the person who waits
 * @param {string} runner the Node that npm runs on
 */
export function install(folder, what, runner) {
  const lock = createHash("sha256")
    .update(readFileSync(join(folder, "package-lock.json")))
    .digest("hex");
  const stamp = join(folder, "node_modules", ".roundhouse-lock");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  process.stdout.write(`Installing ${what} …\n`);
  const npm = process.env.npm_execpath;
  const [command, first] = npm ? [runner, [npm]] : ["npm", []];
  const done = spawnSync(command, [...first, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: folder,
    stdio: "inherit",
    env: { ...process.env, PATH: [dirname(runner), process.env.PATH].join(delimiter) },
  });
  if (done.status !== 0) stop(`${what} could not be installed. Is the npm registry reachable? Then try again.`);
  writeFileSync(stamp, lock);
}

/** @param {string} message */
export function stop(message) {
  process.stderr.write(`\n${message}\n`);
  process.exit(1);
}
