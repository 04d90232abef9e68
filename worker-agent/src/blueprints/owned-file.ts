/** Files in folders that an app owns. Where the agent is root, such a folder may hold traps: links to files of others. */
import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { AppUser } from "./runtime.ts";

/** Not through a link, and without waiting for the writer of a pipe. */
const READ_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Replaces a file in one step: whoever reads the old one (bash reads a script as it runs it) keeps it whole, and a
 * link of that name is replaced, not followed.
 */
export async function writeOwned(path: string, text: string, mode: number, user: AppUser | null): Promise<void> {
  const draft = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}`);
  const file = await open(draft, "wx", mode);
  try {
    await file.writeFile(text);
    await file.chmod(mode);
    if (user) await file.chown(user.uid, user.gid);
    await file.close();
    await rename(draft, path);
  } catch (error) {
    await file.close();
    await rm(draft, { force: true });
    throw error;
  }
}

/** The text of a regular file, or undefined when there is none, or something else: a link, a pipe, a second name of another file. */
export async function readOwned(path: string): Promise<string | undefined> {
  const file = await open(path, READ_FLAGS).catch(isNoFile);
  if (!file) return undefined;
  try {
    const found = await file.stat();
    return found.isFile() && found.nlink === 1 ? await file.readFile("utf8") : undefined;
  } finally {
    await file.close();
  }
}

/** ELOOP is what opening a link without following it answers; ENXIO a socket. */
function isNoFile(error: unknown): undefined {
  if (error instanceof Error && "code" in error && /^(ENOENT|ENOTDIR|ELOOP|ENXIO)$/.test(String(error.code))) return;
  throw error;
}
