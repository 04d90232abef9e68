/**
 * A folder below an instance's, held open. The instance's folder is its app's, which may put links there at any moment: so
 * each level is opened without following one, and from the level above by its descriptor (Node has no openat; a path
 * through /proc/self/fd is one).
 */
import { constants } from "node:fs";
import { type FileHandle, lstat, mkdir, open } from "node:fs/promises";
import type { AppUser } from "../blueprints/runtime.ts";
import { isErrno, whenMissing } from "../keeper/durable-file.ts";
import { UploadProblem } from "./problem.ts";

const FOLDER_FLAGS = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const FOLDER_MODE = 0o755;

/** The path of a name in an open folder, whatever becomes of the folder's own path meanwhile. */
export function within(folder: FileHandle, name: string): string {
  return `/proc/self/fd/${folder.fd}/${name}`;
}

/** Opens `parts` below `base`, and makes what is missing for `user`. The caller closes it. */
export async function makeFolder(base: string, parts: string[], user: AppUser | null): Promise<FileHandle> {
  const make = async (path: string): Promise<FileHandle> => {
    await mkdir(path, { mode: FOLDER_MODE }).catch((error: unknown) => {
      if (!isErrno(error, "EEXIST")) throw error;
    });
    const made = await open(path, FOLDER_FLAGS);
    if (user) await made.chown(user.uid, user.gid);
    return made;
  };
  return walk(base, parts, make) as Promise<FileHandle>;
}

/** What bears a name in a folder below `base`: undefined for nothing, also where the folder itself is not there yet. */
export async function lookUp(base: string, parts: string[], name: string) {
  const folder = await walk(base, parts, async () => undefined);
  if (!folder) return undefined;
  try {
    return await lstat(within(folder, name)).catch(whenMissing);
  } finally {
    await folder.close();
  }
}

async function walk(
  base: string,
  parts: string[],
  whenAbsent: (path: string) => Promise<FileHandle | undefined>,
): Promise<FileHandle | undefined> {
  let folder: FileHandle | undefined = await openInstanceFolder(base);
  for (const [depth, part] of parts.entries()) {
    const above: FileHandle = folder;
    try {
      const path = within(above, part);
      folder = (await open(path, FOLDER_FLAGS).catch(whenMissing)) ?? (await whenAbsent(path));
    } catch (error) {
      throw isErrno(error, "ENOTDIR") || isErrno(error, "ELOOP") ? inTheWay(parts.slice(0, depth + 1)) : error;
    } finally {
      await above.close();
    }
    if (!folder) return undefined;
  }
  return folder;
}

async function openInstanceFolder(base: string): Promise<FileHandle> {
  const folder = await open(base, FOLDER_FLAGS).catch(whenMissing);
  if (folder) return folder;
  throw new UploadProblem("not_installed", "The instance has no folder on its node.", "Start it once.");
}

function inTheWay(parts: string[]): UploadProblem {
  return new UploadProblem(
    "file_exists",
    `${JSON.stringify(parts.join("/"))} is in the way: it is no folder, and links are not followed.`,
    "Give another path.",
  );
}
