/** Removes what bears a name: a link as a link, and a folder with what is in it only when that is said. */
import { lstat, rmdir, unlink } from "node:fs/promises";
import { isErrno, whenMissing } from "../keeper/durable-file.ts";
import type { Folder } from "./folder.ts";
import { notFound } from "./list.ts";
import { FileProblem } from "./problem.ts";

/** Throws `not_found` and `folder_not_empty`. */
export async function removeEntry(folder: Folder, name: string, recursive: boolean): Promise<void> {
  const found = await lstat(folder.at(name)).catch(whenMissing);
  if (!found) throw notFound(name);
  if (!found.isDirectory()) return unlink(folder.at(name));
  if (recursive) return removeFolder(folder, name);
  await rmdir(folder.at(name)).catch((error: unknown) => {
    throw isErrno(error, "ENOTEMPTY") || isErrno(error, "EEXIST") ? notEmpty(name) : error;
  });
}

/** Level by level through open folders: an app that puts a link in the place of a folder meanwhile gets the link removed. */
async function removeFolder(above: Folder, name: string | Buffer): Promise<void> {
  const folder = await above.enter(name);
  try {
    for (const inner of await folder.names()) await removeAny(folder, inner);
  } finally {
    await folder.close();
  }
  await rmdir(pathOf(above, name)).catch((error: unknown) => {
    throw isErrno(error, "ENOTEMPTY") ? stillFilled(name.toString()) : error;
  });
}

async function removeAny(folder: Folder, name: Buffer): Promise<void> {
  const found = await lstat(folder.at(name)).catch(whenMissing);
  if (found?.isDirectory()) await removeFolder(folder, name);
  else if (found) await unlink(folder.at(name)).catch(whenMissing);
}

function pathOf(folder: Folder, name: string | Buffer): string | Buffer {
  return typeof name === "string" ? folder.at(name) : folder.at(name);
}

function notEmpty(name: string): FileProblem {
  const hint = "Send `?recursive=1` to delete it with everything in it.";
  return new FileProblem("folder_not_empty", `The folder ${JSON.stringify(name)} is not empty.`, hint);
}

function stillFilled(name: string): FileProblem {
  const message = `Something was put into ${JSON.stringify(name)} while it was being deleted.`;
  return new FileProblem("folder_not_empty", message, "Stop the app, then delete the folder again.");
}
