/** Who goes next is chance that a seed repeats: each actor of a run waits for its turn before each of its steps. */
import { type Random, randomFrom } from "../../chaos/random.ts";

/** Far more than any run needs: an actor that is left then waits for what never happens. */
const MOST_STEPS = 40_000;
/** Now and then the runtime gets a turn of its event loop, so that sockets and streams move on between steps. */
const STEPS_PER_LOOP_TURN = 8;

export class Turns {
  readonly random: Random;
  readonly #loopTurn: () => Promise<void>;
  readonly #waiting: (() => void)[] = [];
  readonly #running = new Set<string>();
  #failure: Error | undefined;

  constructor(seed: number, loopTurn: () => Promise<void>) {
    this.random = randomFrom(seed);
    this.#loopTurn = loopTurn;
  }

  /** Waits until chance picks this actor. */
  next(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** One turn or a few. */
  async some(most: number): Promise<void> {
    for (let left = this.random.below(most); left >= 0; left -= 1) await this.next();
  }

  async until(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) await this.next();
  }

  /** Starts an actor; the run ends when all of them have. What one throws fails the run. */
  start(name: string, actor: () => Promise<void>): void {
    this.#running.add(name);
    this.#background(name, actor());
  }

  /** Starts an actor that nobody waits for. */
  keep(name: string, actor: () => Promise<void>): void {
    this.#background(name, actor());
  }

  /** Plays until every actor has ended. Throws what one threw, or the names of those that never end. */
  async play(): Promise<void> {
    for (let step = 1; this.#running.size > 0 && !this.#failure; step += 1) {
      if (step > MOST_STEPS) throw new Error(`these never end: ${[...this.#running].join(", ")}`);
      const [chosen] = this.#waiting.splice(this.random.below(this.#waiting.length), 1);
      chosen?.();
      if (!chosen || step % STEPS_PER_LOOP_TURN === 0) await this.#loopTurn();
      else for (let turn = 0; turn < 4; turn += 1) await Promise.resolve();
    }
    if (this.#failure) throw this.#failure;
  }

  /** Whoever still waits goes on: the run is over. */
  release(): void {
    for (const resume of this.#waiting.splice(0)) resume();
  }

  #background(name: string, done: Promise<void>): void {
    done.then(
      () => this.#running.delete(name),
      (error: unknown) => {
        this.#failure ??= new Error(`${name}: ${String(error)}`, { cause: error });
      },
    );
  }
}
