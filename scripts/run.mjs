// Runs one of our programs on a machine with git and any Node from 18 on: installs what is missing, then hands over to
// the Node that this repository pins. Plain JavaScript, because it is what an old Node reads first.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, "node_modules");
const stamp = join(modules, ".roundhouse-lock");
/** The first Node that runs TypeScript as it is. */
const NEEDED = [22, 18];

install();
const node = findNode();
const [program, ...args] = process.argv.slice(2);
const path = [dirname(node), join(modules, ".bin"), process.env.PATH].join(delimiter);
const child = spawn(node, [join(root, program), ...args], {
  cwd: root,
  stdio: "inherit",
  env: { ...process.env, PATH: path, NODE_NO_WARNINGS: "1" },
});
// A terminal sends Ctrl-C to the whole group: the program hears it itself, and we wait for it.
process.on("SIGINT", () => undefined);
for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));

function install() {
  const lock = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  process.stdout.write("Installing packages (once; about a minute) …\n");
  const npm = process.env.npm_execpath;
  const [command, first] = npm ? [process.execPath, [npm]] : ["npm", []];
  // No package's install script is run: nothing here needs one.
  const done = spawnSync(command, [...first, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: "inherit",
  });
  if (done.status !== 0) {
    process.stderr.write("\nThe packages could not be installed. Is the npm registry reachable? Then try again.\n");
    process.exit(done.status ?? 1);
  }
  writeFileSync(stamp, lock);
}

function findNode() {
  for (const name of [`node-${process.platform}-${process.arch}`]) {
    const pinned = join(modules, name, "bin", "node");
    if (existsSync(pinned)) return pinned;
  }
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1])) return process.execPath;
  process.stderr.write(
    `No Node is pinned for ${process.platform}-${process.arch}, and this one (${process.versions.node}) is too old: ` +
      `install Node ${NEEDED.join(".")} or newer and try again.\n`,
  );
  process.exit(1);
}
