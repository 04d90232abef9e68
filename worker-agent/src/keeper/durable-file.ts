/** Records on disk that are either the old or the new one, whole, whenever the power goes. */
import { open, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { parseJson } from "@roundhouse/protocol/json";
import type * as z from "zod";

/**
 * Replaces the file at `path` (mode 0600) and returns when both the content and the name are on the disk. `draft` is
 * where the content is written first: a fixed name, so that the next write takes over what a killed writer left. Where
 * several write the same file, each needs a draft of its own.
 */
export async function writeDurably(path: string, value: unknown, draft = `${path}.tmp`): Promise<void> {
  try {
    const file = await open(draft, "w", 0o600);
    try {
      await file.writeFile(`${JSON.stringify(value)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

/** The record, or undefined when there is none or it is not one this build can read. */
export async function readRecord<S extends z.ZodType>(path: string, schema: S): Promise<z.infer<S> | undefined> {
  const text = await readFile(path, "utf8").catch(whenMissing);
  if (text === undefined) return undefined;
  const parsed = schema.safeParse(parseJson(text));
  return parsed.success ? parsed.data : undefined;
}

/** For `.catch`: undefined for a file that is not there; every other error goes on. */
export function whenMissing(error: unknown): undefined {
  if (isErrno(error, "ENOENT")) return undefined;
  throw error;
}

export function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

/** A new name in a folder survives a power cut only once the folder itself is synced. Some network volumes cannot. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } catch (error) {
    if (!isErrno(error, "EINVAL") && !isErrno(error, "ENOTSUP")) throw error;
  } finally {
    await folder.close();
  }
}
