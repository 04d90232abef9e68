/** An image of an MCP server as people run it: Node, the libraries that it needs, busybox, and one published package. */
import { execFileSync } from "node:child_process";
import { chownSync, copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { addBusybox } from "../docker.ts";
import type { Registry } from "../registry.ts";

/** Neither root nor anybody of the host. */
export const IMAGE_USER = 1000;

const PROGRAMS = join(import.meta.dirname, "../../programs");
const SERVER = "@modelcontextprotocol/server-filesystem";
const NODE = "/usr/local/bin/node";
/** What the server lets its clients read and write. */
const DATA = "/data";
const MAX_BYTES = 512 * 1024 * 1024;
/** What no program reads while it runs. */
const UNREAD = /\.(map|md|[cm]?ts)$/;

type Lock = { packages: Record<string, { dependencies?: Record<string, string> }> };

/** Puts it into a registry: the server of files over its standard input and output, of `/data`, as `IMAGE_USER`. */
export async function pushFilesServer(registry: Registry, name: string): Promise<string> {
  const root = mkdtempSync(join(tmpdir(), "roundhouse-image-"));
  try {
    addBusybox(root);
    addNode(root);
    addServer(root);
    const data = join(root, DATA);
    mkdirSync(data);
    chownSync(data, IMAGE_USER, IMAGE_USER);
    const layer = execFileSync("tar", ["-C", root, "--numeric-owner", "-c", "."], { maxBuffer: MAX_BYTES });
    const entrypoint = [NODE, `/node_modules/${SERVER}/dist/index.js`];
    return await registry.push(name, layer, {
      Entrypoint: entrypoint,
      Cmd: [DATA],
      User: `${IMAGE_USER}:${IMAGE_USER}`,
    });
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

/** The Node that runs this, and each library at the place where it is looked for. */
function addNode(root: string): void {
  copyTo(process.execPath, join(root, NODE));
  const needed = execFileSync("ldd", [process.execPath], { encoding: "utf8" });
  for (const [, path = ""] of needed.matchAll(/(\/\S+) \(0x/g)) copyTo(path, join(root, path));
}

function copyTo(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
}

function addServer(root: string): void {
  const { packages } = JSON.parse(readFileSync(join(PROGRAMS, "package-lock.json"), "utf8")) as Lock;
  for (const at of withDependencies(packages, `node_modules/${SERVER}`)) {
    const from = join(PROGRAMS, at);
    // Packages within a package are in the list themselves, as far as they are needed.
    const isWanted = (path: string) => !UNREAD.test(path) && !relative(from, path).includes("node_modules");
    cpSync(from, join(root, at), { recursive: true, filter: isWanted });
  }
}

/** The places in the lock of a package and all that it needs. */
function withDependencies(packages: Lock["packages"], first: string): Set<string> {
  const places = new Set([first]);
  for (const place of places) {
    for (const name of Object.keys(packages[place]?.dependencies ?? {})) places.add(placeOf(packages, name, place));
  }
  return places;
}

/** As Node looks for it: beside what needs it, then further out. */
function placeOf(packages: Lock["packages"], name: string, from: string): string {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf("node_modules/") - 1))) {
    const place = at === "" ? `node_modules/${name}` : `${at}/node_modules/${name}`;
    if (place in packages) return place;
    if (at === "") throw new Error(`the lock has no ${name}, which ${from} needs`);
  }
}
