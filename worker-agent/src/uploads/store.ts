/** The uploads of this node: made, continued, put in place, forgotten. What stands is on the disk; only locks are in memory. */
import { mkdir, open, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { FileRoot } from "@roundhouse/protocol/files";
import { newId } from "@roundhouse/protocol/ids";
import type { AppUser } from "../blueprints/runtime.ts";
import type { DataRoot } from "../host/data-root.ts";
import { readDisk } from "../host/machine.ts";
import { whenMissing } from "../keeper/durable-file.ts";
import { lookUp, makeFolder, type Place } from "../files/folder.ts";
import { exists } from "../files/move.ts";
import { type Hold, Locks } from "./locks.ts";
import { tooLong, writePart } from "./part.ts";
import { placeFile } from "./place.ts";
import { FileProblem } from "../files/problem.ts";
import { below, type Roots } from "../files/roots.ts";
import {
  draftFile,
  expiresAtMs,
  loadRecord,
  partFile,
  recordFile,
  saveRecord,
  type UploadRecord,
  uploadsDir,
} from "./record.ts";

/** What is wanted of a new upload; names are checked. */
export type UploadWish = Pick<UploadRecord, "length" | "root" | "filename" | "overwrite" | "metadata"> & {
  folder: string[];
};

/** Bytes of one request; `signal` aborts when it is gone. */
export type Sent = {
  offset: number;
  body: ReadableStream<Uint8Array> | null;
  length: number | null;
  signal: AbortSignal;
};

export type UploadStoreDeps = {
  root: DataRoot;
  /** Where files of an instance may go; undefined while it has no folder on this node. */
  rootsOf(instance: string): Roots | undefined;
  user: AppUser | null;
  now?: () => number;
};

/** Uploads leave the disk at least so much. */
const FREE_MARGIN_BYTES = 256 * 1024 * 1024;

export class UploadStore {
  readonly #deps: UploadStoreDeps;
  readonly #now: () => number;
  readonly #locks: Locks;

  constructor(deps: UploadStoreDeps) {
    this.#deps = deps;
    this.#now = deps.now ?? Date.now;
    this.#locks = new Locks(this.#now);
  }

  /** Throws `not_installed`, `file_exists` and `disk_full`. */
  async create(instance: string, wish: UploadWish): Promise<UploadRecord> {
    const { root } = this.#deps;
    const found = await lookUp(this.#placeOf(instance, wish.root, wish.folder), wish.filename);
    if (found && (!wish.overwrite || found.isDirectory())) throw exists(wish.filename);
    if (wish.length > (await this.freeBytes())) throw diskFull(wish.length);
    const record: UploadRecord = {
      ...wish,
      version: 1,
      id: newId("upload"),
      instance,
      folder: wish.folder.join("/"),
      offset: 0,
      touchedAtMs: this.#now(),
      finished: false,
    };
    await mkdir(uploadsDir(root, instance), { recursive: true, mode: 0o700 });
    // Before its record: a part that is missing later was put in place.
    await (await open(partFile(root, record), "wx", 0o600)).close();
    await saveRecord(root, record);
    return record;
  }

  /** How an upload stands. One whose last step was cut short is finished now. Throws `not_found`, `upload_busy` and what finishing does. */
  async find(instance: string, id: string, signal: AbortSignal): Promise<UploadRecord> {
    await this.#locks.settled(id);
    const record = await this.#read(instance, id);
    if (record.finished || record.offset < record.length) return record;
    return this.#holding(id, signal, async () => this.#finish(await this.#read(instance, id)));
  }

  /** Writes what is sent at `offset`, and puts the file in place with its last byte. */
  async append(instance: string, id: string, { offset, body, length, signal }: Sent): Promise<UploadRecord> {
    return this.#holding(id, signal, async (hold) => {
      const record = await this.#read(instance, id);
      if (offset !== record.offset) throw wrongOffset(offset, record.offset);
      if ((length ?? 0) > record.length - offset) throw tooLong(record.length);
      const written = body && offset < record.length ? await this.#write(record, body, hold) : record;
      return written.offset === written.length ? this.#finish(written) : written;
    });
  }

  /** Forgets an upload and what came of it; a file in its place stays. */
  async remove(instance: string, id: string, signal: AbortSignal): Promise<void> {
    await this.#holding(id, signal, async () => {
      const record = await this.#read(instance, id);
      await this.#forget(record);
    });
  }

  /** What one more upload may take of the disk. */
  async freeBytes(): Promise<number> {
    const { freeBytes } = await readDisk(this.#deps.root.stateDir);
    let promised = FREE_MARGIN_BYTES;
    for (const { instance, id } of await this.#all()) {
      const record = await loadRecord(this.#deps.root, instance, id);
      if (record && !record.finished) promised += record.length - record.offset;
    }
    return Math.max(0, freeBytes - promised);
  }

  /** Removes what expired. */
  async sweep(): Promise<void> {
    for (const { instance, id } of await this.#all()) {
      if (this.#locks.isHeld(id)) continue;
      const expiry = await this.#expiryOf(instance, id);
      if (expiry < this.#now()) await this.#forget({ instance, id });
    }
  }

  async #holding<T>(id: string, signal: AbortSignal, act: (hold: Hold) => Promise<T>): Promise<T> {
    const hold = await this.#locks.take(id, signal);
    try {
      return await act(hold);
    } finally {
      hold.release();
    }
  }

  async #write(record: UploadRecord, body: ReadableStream<Uint8Array>, hold: Hold): Promise<UploadRecord> {
    let current = record;
    await writePart(body, {
      path: partFile(this.#deps.root, record),
      offset: record.offset,
      length: record.length,
      hold,
      onDurable: async (offset) => {
        current = { ...current, offset, touchedAtMs: this.#now() };
        await saveRecord(this.#deps.root, current);
      },
    });
    return current;
  }

  async #finish(record: UploadRecord): Promise<UploadRecord> {
    if (record.finished) return record;
    const { root, user } = this.#deps;
    const { filename, overwrite } = record;
    const parts = record.folder === "" ? [] : record.folder.split("/");
    const folder = await makeFolder(this.#placeOf(record.instance, record.root, parts), user);
    try {
      await placeFile({ part: partFile(root, record), folder, filename, overwrite, user });
    } finally {
      await folder.close();
    }
    const finished = { ...record, finished: true, touchedAtMs: this.#now() };
    await saveRecord(root, finished);
    return finished;
  }

  async #read(instance: string, id: string): Promise<UploadRecord> {
    const isId = /^up_[0-9a-z]{12}$/.test(id) && this.#deps.rootsOf(instance) !== undefined;
    const record = isId ? await loadRecord(this.#deps.root, instance, id) : undefined;
    if (record && expiresAtMs(record) >= this.#now()) return record;
    throw new FileProblem("not_found", `There is no upload ${JSON.stringify(id)}.`, "Begin a new one with POST.");
  }

  #placeOf(instance: string, root: FileRoot, parts: string[]): Place {
    const roots = this.#deps.rootsOf(instance);
    if (roots) return below(roots[root], parts);
    throw new FileProblem("not_installed", "The instance is not installed on its node yet.", "Start it once.");
  }

  async #forget(upload: { instance: string; id: string }): Promise<void> {
    for (const fileOf of [recordFile, draftFile, partFile]) await rm(fileOf(this.#deps.root, upload), { force: true });
  }

  /** A part without a record was left by a crash. */
  async #expiryOf(instance: string, id: string): Promise<number> {
    const record = await loadRecord(this.#deps.root, instance, id);
    if (record) return expiresAtMs(record);
    const part = await stat(partFile(this.#deps.root, { instance, id })).catch(whenMissing);
    return expiresAtMs({ touchedAtMs: part?.mtimeMs ?? 0, finished: false });
  }

  /** Every upload that left something on the disk. */
  async #all(): Promise<{ instance: string; id: string }[]> {
    const { root } = this.#deps;
    const found: { instance: string; id: string }[] = [];
    // A node whose disk is read-only may have no state at all.
    const entries = (await readdir(root.stateDir, { withFileTypes: true }).catch(whenMissing)) ?? [];
    for (const { name: instance } of entries.filter((entry) => entry.isDirectory())) {
      const names = (await readdir(join(root.stateDir, instance, "uploads")).catch(whenMissing)) ?? [];
      const ids = new Set(names.map((name) => name.slice(0, name.indexOf("."))));
      found.push(...[...ids].map((id) => ({ instance, id })));
    }
    return found;
  }
}

function wrongOffset(sent: number, actual: number): FileProblem {
  return new FileProblem("upload_offset", `Byte ${actual} is wanted next, not byte ${sent}.`, "HEAD tells the offset.");
}

function diskFull(length: number): FileProblem {
  return new FileProblem(
    "disk_full",
    `The node's disk has no room for ${length} bytes more.`,
    "Remove files or uploads that were not finished, then try again.",
  );
}
