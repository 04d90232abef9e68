// Runs one of our programs on a machine with git and any Node from 18 on: installs what is missing, then hands over to
// the Node that this repository pins. Plain JavaScript, because it is what an old Node reads first.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { install, stop } from "./install.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const nodeFolder = join(root, "scripts", "node");
/** The first Node that runs TypeScript as it is. */
const NEEDED = [22, 18];

// The pinned Node comes first: npm leaves out packages that do not suit the Node it runs on itself.
const node = pinnedNode() ?? process.execPath;
const path = [dirname(node), join(root, "node_modules", ".bin"), process.env.PATH].join(delimiter);
const env = { ...process.env, PATH: path, NODE_NO_WARNINGS: "1" };
install(root, "packages (once; less than a minute)", node);
const [program, ...args] = process.argv.slice(2);
const child = spawn(node, [join(root, program), ...args], { cwd: root, stdio: "inherit", env });
// A terminal sends Ctrl-C to the whole group: the program hears it itself, and we wait for it.
process.on("SIGINT", () => undefined);
for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));

function pinnedNode() {
  const name = `node-${process.platform}-${process.arch}`;
  const isPinned = name in JSON.parse(readFileSync(join(nodeFolder, "package.json"), "utf8")).optionalDependencies;
  if (isPinned) {
    install(nodeFolder, "Node", process.execPath);
    return join(nodeFolder, "node_modules", name, "bin", "node");
  }
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1])) return undefined;
  stop(
    `No Node is pinned for ${name.slice("node-".length)}, and this one (${process.versions.node}) is too old: install Node ${NEEDED.join(".")} or newer.`,
  );
}
