/** Finds a word in a log that grows at one end and is cut at the other. */
import type { LogBuffer } from "./buffer.ts";

export type Match = { line: number; start: number; length: number };

export class LogSearch {
  readonly #needle: string;
  #closed: Match[] = [];
  #open: Match[] = [];
  #scanned = 0;

  /** Case does not matter. An empty word matches nothing. */
  constructor(word: string) {
    this.#needle = word.toLowerCase();
  }

  /** Reads only what is new. The line still being written is read again each time. */
  sync(buffer: LogBuffer): void {
    if (this.#needle === "") return;
    const stale = this.#closed.findIndex((match) => match.line >= buffer.first);
    if (stale > 0) this.#closed.splice(0, stale);
    else if (stale < 0) this.#closed = [];
    const openLine = buffer.end - 1;
    for (let line = Math.max(this.#scanned, buffer.first); line < openLine; line += 1) {
      this.#closed.push(...this.#find(buffer, line));
    }
    this.#scanned = Math.max(this.#scanned, openLine);
    this.#open = this.#find(buffer, openLine);
  }

  get matches(): readonly Match[] {
    return this.#open.length === 0 ? this.#closed : [...this.#closed, ...this.#open];
  }

  #find(buffer: LogBuffer, line: number): Match[] {
    const text = buffer.line(line).text.toLowerCase();
    const found: Match[] = [];
    for (let at = text.indexOf(this.#needle); at >= 0; at = text.indexOf(this.#needle, at + this.#needle.length)) {
      found.push({ line, start: at, length: this.#needle.length });
    }
    return found;
  }
}
