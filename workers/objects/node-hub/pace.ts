/** How fast an app's messages may go to a client that cannot say whether it reads (SPEC WS7). Pure: a bucket that refills. */

export type PaceLimits = { burstBytes: number; bytesPerSecond: number };

export class Pace {
  readonly #limits: PaceLimits;
  #left: number;
  #filledAt: number;

  constructor(limits: PaceLimits, now: number) {
    this.#limits = limits;
    this.#left = limits.burstBytes;
    this.#filledAt = now;
  }

  /** Takes bytes that were sent. Answers how long (ms) to wait before more may come. */
  take(bytes: number, now: number): number {
    const { burstBytes, bytesPerSecond } = this.#limits;
    const refill = ((now - this.#filledAt) / 1000) * bytesPerSecond;
    this.#left = Math.min(burstBytes, this.#left + refill) - bytes;
    this.#filledAt = now;
    return this.#left >= 0 ? 0 : Math.ceil((-this.#left / bytesPerSecond) * 1000);
  }
}
