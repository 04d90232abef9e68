/** The last bytes of a terminal's output, by offsets that count on from its first byte. Pure memory, never more than its size. */

export type Kept = {
  /** Where `bytes` begin: later than asked for when that is no longer kept. */
  offset: number;
  bytes: Uint8Array;
};

/** How far a line's end is looked for when the oldest output begins in the middle of one. */
const LINE_SEARCH_BYTES = 4096;
const NEWLINE = 10;

export class Scrollback {
  /** A ring: the byte of offset n lies at n modulo its length. Memory that was never written costs nothing. */
  readonly #ring: Uint8Array;
  #end = 0;

  constructor(sizeBytes: number) {
    this.#ring = new Uint8Array(sizeBytes);
  }

  /** The offset behind the last byte. */
  get end(): number {
    return this.#end;
  }

  get start(): number {
    return Math.max(0, this.#end - this.#ring.length);
  }

  append(bytes: Uint8Array): void {
    const kept = bytes.subarray(Math.max(0, bytes.length - this.#ring.length));
    let at = (this.#end + bytes.length - kept.length) % this.#ring.length;
    for (let done = 0; done < kept.length;) {
      const piece = kept.subarray(done, done + this.#ring.length - at);
      this.#ring.set(piece, at);
      done += piece.length;
      at = 0;
    }
    this.#end += bytes.length;
  }

  /** At most `maxBytes` from `offset`, as a copy. What was lost is left at the end of a line, so that no sequence begins in its middle. */
  read(offset: number, maxBytes: number): Kept {
    const from = offset < this.start ? this.#afterLine(this.start) : Math.min(offset, this.#end);
    return { offset: from, bytes: this.#copy(from, Math.min(this.#end, from + maxBytes)) };
  }

  #afterLine(from: number): number {
    const newline = this.#copy(from, Math.min(this.#end, from + LINE_SEARCH_BYTES)).indexOf(NEWLINE);
    return newline < 0 ? from : from + newline + 1;
  }

  #copy(from: number, to: number): Uint8Array {
    const size = this.#ring.length;
    const at = from % size;
    const first = this.#ring.slice(at, Math.min(size, at + to - from));
    if (first.length === to - from) return first;
    const whole = new Uint8Array(to - from);
    whole.set(first);
    whole.set(this.#ring.subarray(0, whole.length - first.length), first.length);
    return whole;
  }
}
