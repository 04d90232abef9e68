/** When the hub looks at the heartbeat by alarm: while somebody watches or a stream is open, else never (SPEC HB3). Pure. */

/** While somebody looks at the node, its hub looks at the heartbeat; each look renews the lease. */
const LEASE_MS = 60_000;

export type WatchTuning = { heartbeatTimeoutMs: number };

export class Watch {
  readonly #tuning: WatchTuning;
  #until = 0;
  /** When the armed look is due. Memory only: arming it twice does no harm. */
  #lookAt = 0;

  constructor(tuning: WatchTuning) {
    this.#tuning = tuning;
  }

  renew(now: number): void {
    this.#until = now + LEASE_MS;
  }

  isLeased(now: number): boolean {
    return now < this.#until;
  }

  /** The armed look was had: another one may be armed. */
  looked(): void {
    this.#lookAt = 0;
  }

  isArmed(now: number): boolean {
    return now < this.#lookAt;
  }

  /**
   * When to look next: when the link can first have been silent too long, and not before, as an alarm costs its row and a
   * request. Undefined while a look is armed.
   */
  next(now: number, seenAt: number): number | undefined {
    if (this.isArmed(now)) return undefined;
    this.#lookAt = Math.max(now, seenAt + this.#tuning.heartbeatTimeoutMs + 1);
    return this.#lookAt;
  }
}
