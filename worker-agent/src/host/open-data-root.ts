/** Makes a data root ready as far as its disk allows: sockets or everything may have to lie elsewhere. */
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { copyFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { socketAddress } from "../keeper/socket-path.ts";
import { type DataMode, limitedModeFor, readDataMode, tryWriting } from "./data-mode.ts";
import { type DataRoot, dataRootAt, makeDataRoot } from "./data-root.ts";
import { inSpareFolder, isOwnFolder, leaveSpareFolder, spareFolders } from "./spare-folder.ts";

export type OpenDataRoot = {
  /** Where this agent works. */
  root: DataRoot;
  /** Looks again, as often as asked. */
  readMode: () => Promise<DataMode>;
  /** True when `root` lies in a temporary folder, and the one that was asked for has become usable since. */
  mayMoveIn: () => Promise<boolean>;
};

/**
 * A disk that is full or read-only is no error. A node that is there already stays where it is; a new one begins in a
 * temporary folder, moves in once it can, and otherwise is another one after the machine's next start.
 */
export async function openDataRoot(path: string, spares = spareFolders(path)): Promise<OpenDataRoot> {
  const root = dataRootAt(path);
  const readMode = () => readDataMode(root.path);
  const isWritable = await tryToMake(root);
  if (isWritable) await moveIn(root, spares);
  if (isWritable || existsSync(root.nodeFile)) {
    const runDir = await findRunDir(root.runDir, spares);
    return { root: { ...root, runDir }, readMode, mayMoveIn: async () => false };
  }
  const standIn = await inSpareFolder(spares, async (folder) => {
    const spare = standInOf(folder);
    await makeDataRoot(spare);
    return spare;
  });
  return {
    root: standIn,
    readMode: async () => standInMode(root, await readMode()),
    mayMoveIn: () => tryToMake(root),
  };
}

function standInOf(spareFolder: string): DataRoot {
  return dataRootAt(join(spareFolder, "data"));
}

async function tryToMake(root: DataRoot): Promise<boolean> {
  try {
    await makeDataRoot(root);
    return (await tryWriting(root.path)) === undefined;
  } catch (error) {
    limitedModeFor(error, root.path);
    return false;
  }
}

/** The node that had to begin in a temporary folder. */
async function moveIn(root: DataRoot, spares: string[]): Promise<void> {
  for (const folder of spares) {
    const standIn = standInOf(folder);
    if (!(await isOwnFolder(folder)) || !existsSync(standIn.nodeFile)) continue;
    if (!existsSync(root.nodeFile)) await copyFile(standIn.nodeFile, root.nodeFile);
    await rm(standIn.path, { recursive: true, force: true });
    await leaveSpareFolder(folder);
  }
}

/** Nothing is launched in a temporary folder, also in the moment before the node leaves it. */
function standInMode(wanted: DataRoot, mode: DataMode): DataMode {
  if (mode.mode === "full") return { mode: "read-only", reason: `this node is about to move to ${wanted.path}` };
  return { ...mode, reason: `${mode.reason}, so this node is kept in a temporary folder and is lost with it` };
}

/** The folder for sockets: the data root's own, unless its file system has none (some network volumes). Tried for real. */
async function findRunDir(own: string, spares: string[]): Promise<string> {
  if (await canListenIn(own)) return own;
  return inSpareFolder(spares, async (folder) => {
    if (await canListenIn(folder)) return folder;
    throw Object.assign(new Error(`no socket can be made in ${folder}`), { code: "ENOTSUP" });
  });
}

async function canListenIn(folder: string): Promise<boolean> {
  const path = join(folder, `trial-${randomBytes(4).toString("hex")}.sock`);
  const server = createServer();
  try {
    const address = await socketAddress(path);
    const listening = new Promise<void>((done, fail) => {
      server.once("error", fail);
      server.listen({ path: address.path }, done);
    });
    // Closing removes the socket.
    await listening.finally(() => address.release());
    await new Promise((closed) => server.close(closed));
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error) return false;
    throw error;
  }
}
