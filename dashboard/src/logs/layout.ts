/** Where each line of a log stands, in rows of one text line's height; a wrapped line takes several. */
import type { LogBuffer, LogLine } from "./buffer.ts";

export type Slice = { first: number; last: number; topRow: number };

export class LogLayout {
  /** Row at which each line begins; aligned with the buffer's lines, never renumbered when the oldest are dropped. */
  readonly #tops: number[] = [];
  #first = 0;
  #endRow = 0;
  #columns: number | null;

  /** `columns`: characters in a row, or null when lines are not wrapped. */
  constructor(columns: number | null) {
    this.#columns = columns;
  }

  get columns(): number | null {
    return this.#columns;
  }

  /** Follows what the buffer dropped and gained; answers how many rows vanished at the top. */
  sync(buffer: LogBuffer): number {
    const before = this.#tops[0] ?? 0;
    const dropped = Math.min(buffer.first - this.#first, this.#tops.length);
    const had = this.#tops.length > 0;
    this.#tops.splice(0, dropped);
    this.#first = buffer.first;
    // The line that was last may have changed since: lay it again.
    let top = this.#tops.pop() ?? this.#endRow;
    for (let index = this.#tops.length; index < buffer.lines.length; index += 1) {
      this.#tops.push(top);
      top += rowsOf(buffer.lines[index], this.#columns);
    }
    this.#endRow = top;
    return had ? (this.#tops[0] ?? 0) - before : 0;
  }

  get rows(): number {
    return this.#endRow - (this.#tops[0] ?? 0);
  }

  /** Lines touched by rows `from` … `from + count`, as line numbers (`last` is included). */
  slice(from: number, count: number): Slice {
    const base = this.#tops[0] ?? 0;
    const first = this.#indexAt(base + Math.max(0, from));
    const last = this.#indexAt(base + Math.max(0, from) + count);
    return { first: this.#first + first, last: this.#first + last, topRow: (this.#tops[first] ?? base) - base };
  }

  rowOf(line: number): number {
    return (this.#tops[line - this.#first] ?? this.#endRow) - (this.#tops[0] ?? 0);
  }

  #indexAt(row: number): number {
    let low = 0;
    let high = this.#tops.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#tops[middle] ?? 0) <= row) low = middle;
      else high = middle - 1;
    }
    return Math.max(0, low);
  }
}

export function rowsOf(line: LogLine | undefined, columns: number | null): number {
  if (columns === null || line === undefined || line.text === "") return 1;
  return Math.max(1, Math.ceil(displayWidth(line.text) / Math.max(1, columns)));
}

const ONLY_ASCII = /^[\u0020-\u007e]*$/;
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
const ZERO = /\p{Mn}|\p{Me}|\p{Cf}/u;

/** Cells of a monospaced font that the text takes; East Asian and emoji characters take two. */
export function displayWidth(text: string): number {
  if (ONLY_ASCII.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += ZERO.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  return width;
}
