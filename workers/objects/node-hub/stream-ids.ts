/** Numbers of streams: never one twice on a link, also after hibernation (SPEC FR3). */

/** Reserved in blocks, so that a request costs no write. */
const BLOCK = 4096;
const MAX_STREAM = 0xffff_ffff;

export class StreamIds {
  /** Adds to a counter that survives hibernation and answers its new value. */
  readonly #reserve: (count: number) => number;
  #next = 0;
  #end = 0;

  constructor(reserve: (count: number) => number) {
    this.#reserve = reserve;
  }

  next(): number {
    if (this.#next >= this.#end) {
      this.#end = this.#reserve(BLOCK);
      this.#next = this.#end - BLOCK;
    }
    this.#next += 1;
    return ((this.#next - 1) % MAX_STREAM) + 1;
  }
}
