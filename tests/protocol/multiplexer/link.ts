/** A link in memory: two queues of encoded messages, delivered at random, and lost behind any frame. */
import type { Turns } from "./turns.ts";

export class MemoryLink {
  readonly #turns: Turns;
  readonly #lostAfter: number;
  readonly #onLost: () => void;
  #queues: { down: (() => void)[]; up: (() => void)[] } = { down: [], up: [] };
  /** Rings when there is something to carry, so that no turn is spent on looking. */
  #rung: Promise<void> = Promise.resolve();
  #bell: () => void = () => undefined;
  /** Frames of both directions. */
  carried = 0;
  isLost = false;

  constructor(turns: Turns, lostAfter: number | null, onLost: () => void) {
    this.#turns = turns;
    this.#lostAfter = lostAfter ?? Number.POSITIVE_INFINITY;
    this.#onLost = onLost;
    this.#hang();
    turns.keep("the way to the agent", () => this.#deliver("down"));
    turns.keep("the way to the hub", () => this.#deliver("up"));
  }

  /** `arrive` is called when the message reaches the other end; never, if the link is lost before. */
  carry(direction: "down" | "up", arrive: () => void): void {
    if (this.isLost) return;
    this.#queues[direction].push(arrive);
    this.#bell();
    this.#hang();
  }

  /** Everything that is still under way arrives. */
  drain(): void {
    for (const direction of ["down", "up", "down", "up"] as const) {
      for (const arrive of this.#queues[direction].splice(0)) arrive();
    }
  }

  #hang(): void {
    this.#rung = new Promise((resolve) => (this.#bell = resolve));
  }

  async #deliver(direction: "down" | "up"): Promise<void> {
    while (!this.isLost) {
      while (this.#queues[direction].length === 0) await this.#rung;
      await this.#turns.next();
      // A network hands over one message, or many at once.
      for (const arrive of this.#queues[direction].splice(0, 1 + this.#turns.random.below(4))) this.#arrive(arrive);
    }
  }

  #arrive(arrive: () => void): void {
    if (this.isLost) return;
    arrive();
    this.carried += 1;
    if (this.carried < this.#lostAfter) return;
    this.isLost = true;
    this.#queues = { down: [], up: [] };
    this.#onLost();
  }
}
