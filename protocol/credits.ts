/** Flow control by cumulative offsets (SPEC CR1–CR6): the receiver says how many bytes the sender may have sent in all. */

/** The sender's side of one direction of one stream. */
export class SendWindow {
  #sent: number;
  #limit: number;

  constructor(initialLimit: number, sent = 0) {
    this.#limit = initialLimit;
    this.#sent = sent;
  }

  get sent(): number {
    return this.#sent;
  }

  get limit(): number {
    return this.#limit;
  }

  get available(): number {
    return Math.max(0, this.#limit - this.#sent);
  }

  /** Records bytes as sent. The caller asked {@link available} first. */
  take(bytes: number): void {
    if (bytes > this.available) throw new RangeError(`sending ${bytes} bytes with ${this.available} allowed`);
    this.#sent += bytes;
  }

  /** Takes a grant; an older (smaller) one changes nothing (SPEC CR2). */
  grant(offset: number): void {
    this.#limit = Math.max(this.#limit, offset);
  }
}

/** Windows of all streams of one link grow out of one pool, so that memory has one bound (SPEC CR5). */
export class WindowPool {
  #free: number;

  constructor(totalBytes: number) {
    this.#free = totalBytes;
  }

  /** Reserves up to `wanted` bytes and answers how many it gave. */
  reserve(wanted: number): number {
    const given = Math.min(wanted, this.#free);
    this.#free -= given;
    return given;
  }

  release(bytes: number): void {
    this.#free += bytes;
  }
}

export type WindowSizes = { initialBytes: number; maxBytes: number };

/** The receiver's side: counts what came, and says when to grant more. */
export class ReceiveWindow {
  readonly #sizes: WindowSizes;
  readonly #pool: WindowPool;
  #size: number;
  #received: number;
  #consumed: number;
  #granted: number;

  /** `received` and `granted` continue a stream whose counts were kept elsewhere (a hibernating object). */
  constructor(sizes: WindowSizes, pool: WindowPool, received = 0, granted = received + sizes.initialBytes) {
    this.#sizes = sizes;
    this.#pool = pool;
    this.#size = sizes.initialBytes;
    this.#received = received;
    this.#consumed = received;
    this.#granted = granted;
  }

  get received(): number {
    return this.#received;
  }

  get granted(): number {
    return this.#granted;
  }

  /** Bytes that arrived and that nobody has read yet. */
  get buffered(): number {
    return this.#received - this.#consumed;
  }

  /** Counts bytes that arrived. False when the peer sent more than it was granted (SPEC CR3). */
  onReceived(bytes: number): boolean {
    this.#received += bytes;
    return this.#received <= this.#granted;
  }

  /**
   * Counts bytes as read. Answers the offset to grant, or undefined while little could be added to it: a grant is due
   * when half the window was read since the last one (SPEC CR4), so that the peer goes on while the rest is read. A
   * stream that drains doubles its window.
   */
  onConsumed(bytes: number): number | undefined {
    this.#consumed += bytes;
    if (this.#consumed + this.#size - this.#granted < this.#size / 2) return undefined;
    if (this.buffered === 0) this.#grow();
    this.#granted = this.#consumed + this.#size;
    return this.#granted;
  }

  /** Gives the grown part of the window back to the pool. */
  release(): void {
    this.#pool.release(this.#size - this.#sizes.initialBytes);
    this.#size = this.#sizes.initialBytes;
  }

  #grow(): void {
    const target = Math.min(this.#size * 2, this.#sizes.maxBytes);
    this.#size += this.#pool.reserve(Math.max(0, target - this.#size));
  }
}
