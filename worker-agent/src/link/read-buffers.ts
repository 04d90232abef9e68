/** Memory that apps' answers are read into, used again once it was sent: the collector never sees a large body. */

/** A connection reads up to so much at once. */
const BUFFER_BYTES = 128 * 1024;
/** Less than this is cheaper to copy out than to lend. */
const LEND_FROM_BYTES = 16 * 1024;
const MAX_FREE = 32;

type Bytes = Uint8Array<ArrayBuffer>;

export class ReadBuffers {
  readonly #free: ArrayBuffer[] = [];
  /** Bytes of a buffer that are still on their way. One whose bytes are not all given back is the collector's. */
  readonly #lent = new WeakMap<ArrayBuffer, number>();

  /** A whole buffer to read into. */
  take(): Bytes {
    return new Uint8Array(this.#free.pop() ?? new ArrayBuffer(BUFFER_BYTES));
  }

  /**
   * Answers the first `size` bytes of a buffer as something to keep, and a buffer to read into next: the same one where
   * the bytes were copied, another one where they are lent until {@link giveBack} was told of all of them.
   */
  lend(buffer: Bytes, size: number): { bytes: Buffer; next: Bytes } {
    if (size < LEND_FROM_BYTES) return { bytes: Buffer.from(buffer.subarray(0, size)), next: buffer };
    this.#lent.set(buffer.buffer, size);
    return { bytes: Buffer.from(buffer.buffer, 0, size), next: this.take() };
  }

  /** These bytes are needed no more. What was never lent here is left alone. */
  giveBack({ buffer, length }: Uint8Array): void {
    if (!(buffer instanceof ArrayBuffer)) return;
    const lent = this.#lent.get(buffer);
    if (lent === undefined) return;
    if (lent > length) this.#lent.set(buffer, lent - length);
    else this.release(buffer);
  }

  /** A buffer that nobody reads into or looks at any more. */
  release(buffer: ArrayBuffer): void {
    this.#lent.delete(buffer);
    if (this.#free.length < MAX_FREE) this.#free.push(buffer);
  }
}
