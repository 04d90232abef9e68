/** Writes a whole file: aside first, then to its name in one step, if it is still the version that was meant. */
import { randomBytes } from "node:crypto";
import { type BigIntStats } from "node:fs";
import { lstat, open, rm } from "node:fs/promises";
import { MAX_PUT_BYTES } from "@roundhouse/protocol/file-types";
import type { AppUser } from "../blueprints/runtime.ts";
import { whenMissing } from "../keeper/durable-file.ts";
import { etagOf } from "./entry.ts";
import type { Folder } from "./folder.ts";
import { DRAFT_PREFIX } from "./list.ts";
import { FILE_MODE, give, moveFile, NEW_FILE_FLAGS } from "./move.ts";
import { isAFolder, isALink } from "./open-file.ts";
import { FileProblem } from "./problem.ts";
import { matches } from "./read.ts";

const MODE_BITS = 0o777n;

/** What the request says of the version it means, as its headers stand. */
export type Condition = { ifMatch: string | null; ifNoneMatch: string | null };

export type Writing = {
  folder: Folder;
  name: string;
  body: ReadableStream<Uint8Array> | null;
  condition: Condition;
  user: AppUser | null;
  signal: AbortSignal;
  /** One writer at a time from the check to the move. */
  inTurn<T>(act: () => Promise<T>): Promise<T>;
};

/** Answers whether the file is new. Throws `file_changed`, `not_a_file`, `file_exists` and `body_too_large`. */
export async function writeFile(writing: Writing): Promise<{ created: boolean }> {
  const { folder, name, condition, user } = writing;
  check(name, await look(folder, name), condition);
  const draft = folder.at(`${DRAFT_PREFIX}${randomBytes(8).toString("hex")}`);
  try {
    const file = await open(draft, NEW_FILE_FLAGS, 0o600);
    try {
      const sink = cappedSink((bytes) => file.writeFile(bytes));
      await writing.body?.pipeTo(sink, { signal: writing.signal });
      const before = await look(folder, name);
      await give(file, user, before ? Number(before.mode & MODE_BITS) : FILE_MODE);
    } finally {
      await file.close();
    }
    return await writing.inTurn(async () => {
      const found = await look(folder, name);
      check(name, found, condition);
      await moveFile(draft, folder.at(name), found !== undefined);
      await folder.sync();
      return { created: found === undefined };
    });
  } finally {
    await rm(draft, { force: true });
  }
}

function look(folder: Folder, name: string): Promise<BigIntStats | undefined> {
  return lstat(folder.at(name), { bigint: true }).catch(whenMissing);
}

/** Throws unless what bears the name may be replaced. */
function check(name: string, found: BigIntStats | undefined, { ifMatch, ifNoneMatch }: Condition): void {
  if (found?.isDirectory()) throw isAFolder(name);
  if (found?.isSymbolicLink()) throw isALink(name);
  const etag = found?.isFile() ? etagOf(found) : null;
  if (ifMatch !== null && !matches(ifMatch, etag)) throw changed(name, etag);
  if (matches(ifNoneMatch, found ? (etag ?? "") : null)) throw isThere(name, etag);
}

function changed(name: string, etag: string | null): FileProblem {
  const what = etag === null ? "is no longer there" : "was changed meanwhile";
  const hint =
    etag === null
      ? "Send it without If-Match to make it anew."
      : "Read it again and put your change in, or send it with If-Match of the new ETag to replace it.";
  return new FileProblem("file_changed", `${JSON.stringify(name)} ${what}.`, hint, { etag });
}

function isThere(name: string, etag: string | null): FileProblem {
  const message = `There is something called ${JSON.stringify(name)} already.`;
  return new FileProblem("file_changed", message, "Choose another name.", { etag });
}

function cappedSink(write: (bytes: Uint8Array) => Promise<void>): WritableStream<Uint8Array> {
  let size = 0;
  return new WritableStream({
    write: async (bytes) => {
      size += bytes.length;
      if (size > MAX_PUT_BYTES) throw tooLarge();
      await write(bytes);
    },
  });
}

function tooLarge(): FileProblem {
  return new FileProblem(
    "body_too_large",
    `The body is larger than ${MAX_PUT_BYTES} bytes.`,
    "Upload larger files in pieces, through /api/instances/{id}/uploads.",
  );
}
