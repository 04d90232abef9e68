/** Moves a finished part into its place: in one step, never over a file unless that is wanted, never through a link. */
import { constants } from "node:fs";
import { type FileHandle, link, lstat, open, rename, rm } from "node:fs/promises";
import { basename } from "node:path";
import type { AppUser } from "../blueprints/runtime.ts";
import { isErrno, whenMissing } from "../keeper/durable-file.ts";
import { within } from "./folder.ts";
import { UploadProblem } from "./problem.ts";

const FILE_MODE = 0o644;
const NEW_FILE_FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const COPY_BYTES = 1024 * 1024;

export type Placing = {
  part: string;
  folder: FileHandle;
  filename: string;
  overwrite: boolean;
  user: AppUser | null;
};

/** Safe to repeat after a crash in the middle. Throws `file_exists`. */
export async function placeFile({ part, folder, filename, overwrite, user }: Placing): Promise<void> {
  const source = await open(part, constants.O_RDWR | constants.O_NOFOLLOW).catch(whenMissing);
  // Only a move takes the part away: an earlier try got this far.
  if (!source) return;
  try {
    await give(source, user);
    const target = within(folder, filename);
    await move(part, target, overwrite).catch(async (error: unknown) => {
      if (!isErrno(error, "EXDEV")) throw error;
      // The instance's folder lies on another disk than the agent's state.
      const copy = within(folder, `.${basename(part)}`);
      await copyTo(source, copy, user);
      await move(copy, target, overwrite);
      await rm(part);
    });
    await folder.sync();
  } finally {
    await source.close();
  }
}

async function give(file: FileHandle, user: AppUser | null): Promise<void> {
  await file.chmod(FILE_MODE);
  if (user) await file.chown(user.uid, user.gid);
  await file.sync();
}

async function move(from: string, to: string, overwrite: boolean): Promise<void> {
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

async function copyTo(source: FileHandle, path: string, user: AppUser | null): Promise<void> {
  // Left by a try that was cut short.
  await rm(path, { force: true });
  const copy = await open(path, NEW_FILE_FLAGS, FILE_MODE);
  try {
    const buffer = Buffer.allocUnsafe(COPY_BYTES);
    for (let at = 0; ;) {
      const { bytesRead } = await source.read(buffer, 0, COPY_BYTES, at);
      if (bytesRead === 0) break;
      await copy.writeFile(buffer.subarray(0, bytesRead));
      at += bytesRead;
    }
    await give(copy, user);
  } finally {
    await copy.close();
  }
}

export function exists(path: string): UploadProblem {
  const name = JSON.stringify(basename(path));
  const hint = "Choose another name, or allow overwriting.";
  return new UploadProblem("file_exists", `There is something called ${name} already.`, hint);
}
