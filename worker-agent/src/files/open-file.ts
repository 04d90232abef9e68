/** Opens a file to be read: a regular one, that the app may read itself, and never through a link. */
import { type BigIntStats, constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import type { AppUser } from "../blueprints/runtime.ts";
import { isErrno, whenMissing } from "../keeper/durable-file.ts";
import type { Folder } from "./folder.ts";
import { notFound } from "./list.ts";
import { FileProblem } from "./problem.ts";

/** Without waiting for the writer of a pipe. */
const READ_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

export type OpenFile = { file: FileHandle; found: BigIntStats };

/** The caller closes it. Throws `not_found` and `not_a_file`. */
export async function openFile(folder: Folder, name: string, user: AppUser | null): Promise<OpenFile> {
  const file = await open(folder.at(name), READ_FLAGS)
    .catch(whenMissing)
    .catch((error: unknown) => {
      throw isErrno(error, "ELOOP") ? isALink(name) : isErrno(error, "ENXIO") ? notAFile(name) : error;
    });
  if (!file) throw notFound(name);
  try {
    const found = await file.stat({ bigint: true });
    if (found.isDirectory()) throw isAFolder(name);
    if (!found.isFile()) throw notAFile(name);
    if (isForeign(found, user)) throw foreign(name);
    return { file, found };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/**
 * Where the agent is root, an app might give a file of somebody else a second name in its own folder (some systems let
 * everybody do that) and have it read out.
 */
function isForeign({ nlink, uid }: BigIntStats, user: AppUser | null): boolean {
  return user !== null && nlink > 1n && Number(uid) !== user.uid;
}

export function isALink(name: string): FileProblem {
  return new FileProblem(
    "not_a_file",
    `${JSON.stringify(name)} is a link, and links are not followed.`,
    "Open what it leads to by its own path, or delete the link.",
  );
}

export function isAFolder(name: string): FileProblem {
  return new FileProblem("not_a_file", `${JSON.stringify(name)} is a folder.`, "List it with `?path=`.");
}

function notAFile(name: string): FileProblem {
  const hint = "Pipes, sockets and devices have no content to show.";
  return new FileProblem("not_a_file", `${JSON.stringify(name)} is no regular file.`, hint);
}

function foreign(name: string): FileProblem {
  const message = `${JSON.stringify(name)} is another name of a file that is not the app's.`;
  return new FileProblem("not_a_file", message, "Copy it under a name of its own, on the node.");
}
