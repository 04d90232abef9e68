/** Gives something another name, in its folder or elsewhere below the roots; never over something that is there. */
import { lstat, rename } from "node:fs/promises";
import { isErrno, whenMissing } from "../keeper/durable-file.ts";
import type { Folder } from "./folder.ts";
import { notFound } from "./list.ts";
import { exists, moveFile } from "./move.ts";
import { FileProblem } from "./problem.ts";

export type Named = { folder: Folder; name: string };

/** Throws `not_found`, `file_exists`, `invalid_input` and `conflict`. */
export async function renameEntry(from: Named, to: Named): Promise<void> {
  const [source, target] = [from.folder.at(from.name), to.folder.at(to.name)];
  const found = await lstat(source).catch(whenMissing);
  if (!found) throw notFound(from.name);
  if (await lstat(target).catch(whenMissing)) throw exists(to.name);
  // A folder cannot replace but an empty one; a file is linked to its new name first, which replaces nothing.
  const move = found.isDirectory() ? rename(source, target) : moveFile(source, target, false);
  await move.catch((error: unknown) => {
    throw told(error, from.name, to.name);
  });
  await from.folder.sync();
  await to.folder.sync();
}

function told(error: unknown, from: string, to: string): unknown {
  if (["EEXIST", "ENOTEMPTY", "ENOTDIR"].some((code) => isErrno(error, code))) return exists(to);
  if (isErrno(error, "EINVAL")) {
    const message = `to: the folder ${JSON.stringify(from)} cannot be moved into itself.`;
    return new FileProblem("invalid_input", message, "Give a place outside of it.");
  }
  if (!isErrno(error, "EXDEV")) return error;
  const message = `${JSON.stringify(from)} cannot be moved there: it is another disk of the node.`;
  return new FileProblem("conflict", message, "Download it and upload it there, then delete it here.");
}
