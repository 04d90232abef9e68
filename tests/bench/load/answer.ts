/** Reads one HTTP/1.1 answer from pieces as they arrive, and keeps its status, its size and the start of its body. */

const HEAD_END = Buffer.from("\r\n\r\n");
const LINE_END = Buffer.from("\r\n");
const NOTHING = Buffer.alloc(0);
/** Of a body, this much is kept to be looked at. */
const KEPT_BYTES = 1024;

type Part = "head" | "body" | "chunk-size" | "chunk" | "chunk-end" | "last-line" | "whole";

export class AnswerReader {
  status = 0;
  bodyBytes = 0;
  #part: Part = "head";
  /** An unfinished head or line. */
  #pending: Buffer = NOTHING;
  #left = 0;
  #kept: Buffer = NOTHING;

  /** The first bytes of the body. */
  get text(): string {
    return this.#kept.toString();
  }

  /** Takes bytes that are the caller's again afterwards. True when the answer is whole. */
  feed(bytes: Buffer): boolean {
    let rest = bytes;
    while (rest.length > 0 && this.#part !== "whole") rest = this.#step(rest);
    if (rest.length > 0) throw new Error(`${rest.length} bytes follow an answer`);
    return this.#part === "whole";
  }

  #step(bytes: Buffer): Buffer {
    switch (this.#part) {
      case "head":
        return this.#upTo(HEAD_END, bytes, (head) => this.#begin(head.toString("latin1")));
      case "chunk-size":
        return this.#upTo(LINE_END, bytes, (line) => this.#beginChunk(parseInt(line.toString("latin1"), 16)));
      case "chunk-end":
        return this.#upTo(LINE_END, bytes, () => (this.#part = "chunk-size"));
      case "last-line":
        return this.#upTo(LINE_END, bytes, () => (this.#part = "whole"));
      case "body":
      case "chunk":
        return this.#take(bytes);
      case "whole":
        return bytes;
    }
  }

  /** Hands over what stands before `end` once it is there, and answers what follows it. */
  #upTo(end: Buffer, bytes: Buffer, then: (before: Buffer) => void): Buffer {
    const all = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    const at = all.indexOf(end);
    if (at === -1) {
      this.#pending = Buffer.from(all);
      return NOTHING;
    }
    this.#pending = NOTHING;
    then(all.subarray(0, at));
    return all.subarray(at + end.length);
  }

  #begin(head: string): void {
    this.status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]);
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    if (length !== undefined) {
      this.#left = Number(length);
      this.#part = this.#left === 0 ? "whole" : "body";
    } else if (/\r\ntransfer-encoding: *chunked/i.test(head)) this.#part = "chunk-size";
    else throw new Error(`an answer without a length:\n${head}`);
  }

  #beginChunk(size: number): void {
    this.#left = size;
    this.#part = size > 0 ? "chunk" : "last-line";
  }

  #take(bytes: Buffer): Buffer {
    const size = Math.min(bytes.length, this.#left);
    const missing = Math.min(size, KEPT_BYTES - this.#kept.length);
    if (missing > 0) this.#kept = Buffer.concat([this.#kept, bytes.subarray(0, missing)]);
    this.bodyBytes += size;
    this.#left -= size;
    if (this.#left === 0) this.#part = this.#part === "chunk" ? "chunk-end" : "whole";
    return bytes.subarray(size);
  }
}
