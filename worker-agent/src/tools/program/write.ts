/** Writes a text file below a root: whole and in one step, or added to its end. No link is followed, whenever it appears. */
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { type Folder, makeFolder } from "../../files/folder.ts";
import { FILE_MODE } from "../../files/move.ts";
import { isALink } from "../../files/open-file.ts";
import { FileProblem } from "../../files/problem.ts";
import { writeFile } from "../../files/write.ts";
import { isErrno } from "../../keeper/durable-file.ts";
import type { WriteJob } from "./job.ts";

const APPEND_FLAGS =
  constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** What was done, in words. Throws `FileProblem`, and the system's errors; then nothing was changed. */
export async function writeText({ folder: place, name, content, mode }: WriteJob): Promise<string> {
  const bytes = new TextEncoder().encode(content);
  const folder = await makeFolder(place, null);
  try {
    if (mode === "append") return await append(folder, name, bytes);
    return await put(folder, name, bytes, mode);
  } finally {
    await folder.close();
  }
}

async function put(folder: Folder, name: string, bytes: Uint8Array, mode: "replace" | "create"): Promise<string> {
  const { created } = await writeFile({
    folder,
    name,
    body: new Blob([Uint8Array.from(bytes)]).stream(),
    condition: { ifMatch: null, ifNoneMatch: mode === "create" ? "*" : null },
    user: null,
    signal: new AbortController().signal,
    inTurn: (act) => act(),
  });
  return `${created ? "Made" : "Replaced"} ${JSON.stringify(name)}: ${bytes.length} bytes.`;
}

async function append(folder: Folder, name: string, bytes: Uint8Array): Promise<string> {
  const file = await open(folder.at(name), APPEND_FLAGS, FILE_MODE).catch((error: unknown) => {
    throw isErrno(error, "ELOOP") ? isALink(name) : isErrno(error, "ENXIO") ? noFile(name) : error;
  });
  try {
    const found = await file.stat();
    if (!found.isFile()) throw noFile(name);
    await addWhole(file, found.size, bytes);
    await folder.sync();
    return `Added ${bytes.length} bytes to ${JSON.stringify(name)}, which has ${found.size + bytes.length} now.`;
  } finally {
    await file.close();
  }
}

/** All of it or nothing: on a disk that fills up meanwhile the file is as it was. */
async function addWhole(file: FileHandle, before: number, bytes: Uint8Array): Promise<void> {
  try {
    await file.writeFile(bytes);
    await file.sync();
  } catch (error) {
    await file.truncate(before);
    throw error;
  }
}

function noFile(name: string): FileProblem {
  return new FileProblem("not_a_file", `${JSON.stringify(name)} is no regular file.`);
}
