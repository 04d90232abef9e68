/** How many effects run at once; further ones wait for their turn, first come, first served. */
export class Slots {
  readonly #most: number;
  readonly #waiting: (() => void)[] = [];
  #taken = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Does it when there is room, or without a place when `signal` aborts while it waits. */
  async take<T>(signal: AbortSignal, act: () => Promise<T>): Promise<T> {
    if (this.#taken < this.#most) return this.occupy(act);
    if (!(await this.#turn(signal))) return act();
    return this.#hold(act);
  }

  /** Does it at once: it runs already. */
  occupy<T>(act: () => Promise<T>): Promise<T> {
    this.#taken += 1;
    return this.#hold(act);
  }

  async #hold<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } finally {
      // The place is handed on, so that nobody slips in between.
      const next = this.#taken <= this.#most ? this.#waiting.shift() : undefined;
      if (next) next();
      else this.#taken -= 1;
    }
  }

  /** True with a place, false when it was given up. */
  #turn(signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const take = (): void => resolve(true);
      this.#waiting.push(take);
      const giveUp = (): void => {
        const at = this.#waiting.indexOf(take);
        if (at < 0) return;
        this.#waiting.splice(at, 1);
        resolve(false);
      };
      if (signal.aborted) giveUp();
      signal.addEventListener("abort", giveUp, { once: true });
    });
  }
}
