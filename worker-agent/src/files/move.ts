/** Gives a new file to its owner and moves it to its name: in one step, and never over another unless that is wanted. */
import { constants } from "node:fs";
import { type FileHandle, link, lstat, open, rename, rm } from "node:fs/promises";
import { basename } from "node:path";
import type { AppUser } from "../blueprints/runtime.ts";
import { isErrno } from "../keeper/durable-file.ts";
import { FileProblem } from "./problem.ts";

export const FILE_MODE = 0o644;
export const NEW_FILE_FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/** Its mode and owner as they shall be, and its bytes on the disk. */
export async function give(file: FileHandle, user: AppUser | null, mode = FILE_MODE): Promise<void> {
  await file.chmod(mode);
  if (user) await file.chown(user.uid, user.gid);
  await file.sync();
}

/** Throws `file_exists` for a folder, and without `overwrite` for anything. Safe to repeat after a crash in the middle. */
export async function moveFile(from: string, to: string, overwrite: boolean): Promise<void> {
  try {
    if (overwrite) return await rename(from, to);
    await link(from, to);
    await rm(from);
  } catch (error) {
    if (isErrno(error, "EEXIST") && (await isSameFile(from, to))) return rm(from);
    if (["EEXIST", "EISDIR", "ENOTEMPTY"].some((code) => isErrno(error, code))) throw exists(to);
    if (!["EPERM", "ENOTSUP", "ENOSYS"].some((code) => isErrno(error, code))) throw error;
    await claimAndMove(from, to);
  }
}

/** For file systems without hard links: the name is made ours, then replaced. */
async function claimAndMove(from: string, to: string): Promise<void> {
  const claim = await open(to, NEW_FILE_FLAGS, FILE_MODE).catch((error: unknown) => {
    throw isErrno(error, "EEXIST") ? exists(to) : error;
  });
  await claim.close();
  await rename(from, to);
}

async function isSameFile(one: string, other: string): Promise<boolean> {
  const [a, b] = [await lstat(one), await lstat(other)];
  return a.dev === b.dev && a.ino === b.ino;
}

export function exists(path: string): FileProblem {
  const name = JSON.stringify(basename(path));
  const hint = "Choose another name, or allow overwriting.";
  return new FileProblem("file_exists", `There is something called ${name} already.`, hint);
}
