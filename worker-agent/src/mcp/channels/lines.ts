/** JSON-RPC over a pipe: one message a line. Pure. */
import { parseJson } from "@roundhouse/protocol/json";
import type { Message } from "../channel.ts";

const NEWLINE = 10;

/** Cuts a stream of bytes into lines. */
export class Lines {
  readonly #maxBytes: number;
  #held: Uint8Array[] = [];
  #heldBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The lines that end in these bytes; undefined where one is longer than it may be. */
  push(bytes: Uint8Array): string[] | undefined {
    const lines: string[] = [];
    let from = 0;
    for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, from)) {
      if (!this.#hold(bytes.subarray(from, at))) return undefined;
      lines.push(this.#take());
      from = at + 1;
    }
    return this.#hold(bytes.subarray(from)) ? lines : undefined;
  }

  #hold(bytes: Uint8Array): boolean {
    this.#heldBytes += bytes.length;
    if (bytes.length > 0) this.#held.push(bytes);
    return this.#heldBytes <= this.#maxBytes;
  }

  #take(): string {
    const text = Buffer.concat(this.#held).toString();
    this.#held = [];
    this.#heldBytes = 0;
    return text.endsWith("\r") ? text.slice(0, -1) : text;
  }
}

/** Undefined for a line that is no JSON object. */
export function messageOf(line: string): Message | undefined {
  const value = parseJson(line);
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? (value as Message) : undefined;
}
