/** Folders of the agent's own outside a data root that cannot hold something: sockets, a lock, or anything at all. */
import { createHash } from "node:crypto";
import { lstat, mkdir, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { isErrno } from "../keeper/durable-file.ts";
import { isGone } from "./absent.ts";

/** The later ones are in memory: the disk of `/tmp` may be the one that is full. */
const PLACES = ["/tmp", "/dev/shm", "/run"];
const PRIVATE_MODE = 0o700;

/** The same ones for every agent of this user and data root, the best first; they need not exist. */
export function spareFolders(dataRoot: string, places: string[] = PLACES): string[] {
  const hash = createHash("sha256").update(dataRoot).digest("hex").slice(0, 16);
  return places.map((place) => join(place, `worker-agent-${process.getuid?.() ?? 0}-${hash}`));
}

/** Makes the first one in which `use` succeeds. Errors of the file system lead to the next one; the last is thrown. */
export async function inSpareFolder<T>(folders: string[], use: (folder: string) => Promise<T>): Promise<T> {
  let failure: unknown = new Error("there is no place for temporary files");
  for (const folder of folders) {
    try {
      await mkdir(folder, { recursive: true, mode: PRIVATE_MODE });
      if (await isOwnFolder(folder)) return await use(folder);
      failure = new Error(`${folder} belongs to somebody else; remove it`);
    } catch (error) {
      if (!(error instanceof Error && "code" in error)) throw error;
      failure = error;
    }
  }
  throw failure;
}

/** Anybody may make folders in these places: what lies in one that is not ours alone is not to be trusted. */
export async function isOwnFolder(folder: string): Promise<boolean> {
  const found = await lstat(folder).catch(isGone);
  return found?.isDirectory() === true && found.uid === process.getuid?.() && (found.mode & 0o077) === 0;
}

/** Removes the folder, unless something is still in it. */
export async function leaveSpareFolder(folder: string): Promise<void> {
  await rmdir(folder).catch((error: unknown) => {
    if (!isErrno(error, "ENOTEMPTY") && !isErrno(error, "ENOENT")) throw error;
  });
}
