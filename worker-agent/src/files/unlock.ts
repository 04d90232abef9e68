/** Folders that their owner may not write to, as caches are that are written once: made writable, so that they can be taken away. */
import { constants } from "node:fs";
import { open, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { isErrno } from "../keeper/durable-file.ts";

const OWNER_ALL = 0o700;
const AS_FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** Whatever is there. Removes links as links, never what they point to. */
export async function removeTree(path: string): Promise<void> {
  const remove = () => rm(path, { recursive: true, force: true, maxRetries: 3 });
  await remove().catch(async (error: unknown) => {
    if (!isErrno(error, "EACCES")) throw error;
    await unlockTree(path);
    await remove();
  });
}

/** Below another folder it changes itself, in its entry `..`, which a read-only one may not. */
export async function moveFolder(from: string, to: string): Promise<void> {
  await rename(from, to).catch(async (error: unknown) => {
    if (!isErrno(error, "EACCES")) throw error;
    await unlock(from);
    await rename(from, to);
  });
}

async function unlockTree(path: string): Promise<void> {
  if (!(await unlock(path))) return;
  for (const entry of await readdir(path, { withFileTypes: true })) {
    if (entry.isDirectory()) await unlockTree(join(path, entry.name));
  }
}

/** Answers whether it is a folder, and not a link to one. */
async function unlock(path: string): Promise<boolean> {
  const folder = await open(path, AS_FOLDER).catch((error: unknown) => {
    if (isErrno(error, "ENOTDIR") || isErrno(error, "ELOOP") || isErrno(error, "ENOENT")) return undefined;
    throw error;
  });
  if (!folder) return false;
  try {
    await folder.chmod((await folder.stat()).mode | OWNER_ALL);
  } finally {
    await folder.close();
  }
  return true;
}
