/** How long to wait before dialling again: jittered, growing, and back to short after a stable minute. */

const STEPS_MS = [250, 500, 1_000, 2_000, 5_000, 10_000, 30_000];
const STABLE_AFTER_MS = 60_000;
/** After a close that only time or a person can mend. */
export const LATER_MS = 30_000;

export class Backoff {
  #attempt = 0;
  readonly #random: () => number;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** The next delay in ms: between half of the step and the whole of it, so that a fleet does not come back at once. */
  next(): number {
    const step = STEPS_MS[Math.min(this.#attempt, STEPS_MS.length - 1)] ?? LATER_MS;
    this.#attempt += 1;
    return Math.round(step * (0.5 + this.#random() / 2));
  }

  /** Tells how long the last connection held. */
  held(durationMs: number): void {
    if (durationMs >= STABLE_AFTER_MS) this.#attempt = 0;
    else if (durationMs > 0) this.#attempt = Math.min(this.#attempt, 2);
  }
}
