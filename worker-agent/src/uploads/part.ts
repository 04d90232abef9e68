/** The bytes of an upload as they come: written where they belong, and counted once they are on the disk for certain. */
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import type { Hold } from "./locks.ts";
import { FileProblem } from "../files/problem.ts";

/** Twice this may be lost, and sent again, when the agent or the machine dies. */
const SYNC_BYTES = 8 * 1024 * 1024;

export type PartWriting = {
  path: string;
  offset: number;
  /** The whole upload's. */
  length: number;
  hold: Hold;
  /** The bytes before `offset` are on the disk. */
  onDurable: (offset: number) => Promise<void>;
};

/** Appends what comes until it ends. What came is kept, also when this throws: the body broke, was too long, or the disk is full. */
export async function writePart(body: ReadableStream<Uint8Array>, writing: PartWriting): Promise<void> {
  const file = await open(writing.path, constants.O_WRONLY | constants.O_NOFOLLOW);
  const part = new Part(file, writing);
  try {
    const sink = new WritableStream<Uint8Array>({ write: (bytes) => part.append(bytes) });
    await body.pipeTo(sink, { signal: writing.hold.signal });
  } finally {
    await part.settle().finally(() => file.close());
  }
}

class Part {
  readonly #file: FileHandle;
  readonly #writing: PartWriting;
  #at: number;
  /** Where the last sync began. */
  #synced: number;
  #syncing: Promise<void> = Promise.resolve();

  constructor(file: FileHandle, writing: PartWriting) {
    this.#file = file;
    this.#writing = writing;
    this.#at = writing.offset;
    this.#synced = writing.offset;
  }

  async append(bytes: Uint8Array): Promise<void> {
    const { length, hold } = this.#writing;
    if (this.#at + bytes.length > length) throw tooLong(length);
    hold.touch();
    for (let rest = bytes; rest.length > 0;) {
      const { bytesWritten } = await this.#file.write(rest, 0, rest.length, this.#at);
      this.#at += bytesWritten;
      rest = rest.subarray(bytesWritten);
    }
    if (this.#at - this.#synced >= SYNC_BYTES) await this.#beginSync();
  }

  /** Resolves when all that came is on the disk. */
  async settle(): Promise<void> {
    await this.#beginSync();
    await this.#syncing;
  }

  /** One sync at a time goes on while more bytes come; the next one waits for it, and tells its failure. */
  async #beginSync(): Promise<void> {
    await this.#syncing;
    if (this.#at === this.#synced) return;
    this.#synced = this.#at;
    this.#syncing = this.#sync(this.#at);
    this.#syncing.catch(() => undefined);
  }

  async #sync(at: number): Promise<void> {
    await this.#file.datasync();
    await this.#writing.onDurable(at);
  }
}

export function tooLong(length: number): FileProblem {
  return new FileProblem(
    "body_too_large",
    `The body goes beyond the upload's ${length} bytes.`,
    "Send what is missing only: HEAD tells the offset.",
  );
}
