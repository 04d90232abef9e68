/** One thing in a folder, as it is told: never followed, only looked at. */
import type { BigIntStats } from "node:fs";
import { lstat, readlink } from "node:fs/promises";
import type { FileEntry } from "@roundhouse/protocol/files";
import { whenMissing } from "../keeper/durable-file.ts";
import type { Folder } from "./folder.ts";

/** `name` as the disk has it: what is not UTF-8 is shown as well as it can be. Undefined when nothing bears that name (any more). */
export async function readEntry(
  folder: Folder,
  name: Buffer,
  leadsTo: (target: string) => FileEntry["leadsTo"],
): Promise<FileEntry | undefined> {
  const found = await lstat(folder.at(name), { bigint: true }).catch(whenMissing);
  if (!found) return undefined;
  const target = found.isSymbolicLink() ? ((await readlink(folder.at(name)).catch(whenGone)) ?? null) : null;
  return {
    name: name.toString(),
    kind: kindOf(found),
    size: found.isFile() ? Number(found.size) : null,
    modifiedAt: timeOf(found.mtimeMs),
    target,
    leadsTo: target === null ? null : leadsTo(target),
    etag: found.isFile() ? etagOf(found) : null,
  };
}

/** Another one whenever the content is another: a file that is replaced has another number, one that is written another time. */
export function etagOf({ ino, size, mtimeNs }: BigIntStats): string {
  return `"${[ino, size, mtimeNs].map((number) => number.toString(36)).join("-")}"`;
}

function kindOf(found: BigIntStats): FileEntry["kind"] {
  if (found.isSymbolicLink()) return "link";
  if (found.isDirectory()) return "folder";
  return found.isFile() ? "file" : "other";
}

/** A time that no calendar has (a broken archive may set one) is told as the earliest. */
function timeOf(mtimeMs: bigint): string {
  const date = new Date(Number(mtimeMs));
  const isTold = !Number.isNaN(date.getTime()) && date.getUTCFullYear() >= 0 && date.getUTCFullYear() <= 9999;
  return (isTold ? date : new Date(0)).toISOString();
}

/** EINVAL: it is no link any more. */
function whenGone(error: unknown): undefined {
  if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "EINVAL"))
    return undefined;
  throw error;
}
