/** How fast a terminal's output is read: no faster than its fastest watcher takes it, and never so fast that others wait. */

/** Reading stops when the fastest watcher has this much to take, and goes on below the other. */
const HIGH_BYTES = 512 * 1024;
const LOW_BYTES = 128 * 1024;
/** Watchers that took nothing for so long hold the program up no longer; what they miss is kept or lost as for anybody. */
const PATIENCE_MS = 10_000;
/** The agent has other things to do than read a program that prints endlessly: 10 MiB a second is more than anybody reads. */
const BEAT_MS = 50;
const BEAT_BYTES = 512 * 1024;

type Source = { pause(): void; resume(): void };

export class Flow {
  readonly #source: Source;
  readonly #behind: () => number;
  #isPaused = false;
  /** The watchers took nothing for long: until they do they do not count. */
  #isImpatient = false;
  #isStopped = false;
  #beatBytes = 0;
  #beat: NodeJS.Timeout | undefined;
  #patience: NodeJS.Timeout | undefined;

  /** `behind` tells how many bytes the fastest watcher has yet to take; 0 without watchers. */
  constructor(source: Source, behind: () => number) {
    this.#source = source;
    this.#behind = behind;
  }

  onOutput(bytes: number): void {
    this.#beatBytes += bytes;
    this.#beat ??= setTimeout(() => {
      this.#beat = undefined;
      this.#beatBytes = 0;
      this.look();
    }, BEAT_MS);
    this.look();
  }

  onTaken(): void {
    this.#isImpatient = false;
    this.#endPatience();
    this.look();
  }

  /** Watchers came, went or took something: reads on or waits. */
  look(): void {
    if (this.#isStopped) return;
    const limit = this.#isPaused ? LOW_BYTES : HIGH_BYTES;
    const isFull = !this.#isImpatient && this.#behind() > limit;
    if (isFull) this.#patience ??= setTimeout(() => this.#loseIt(), PATIENCE_MS);
    else this.#endPatience();
    this.#set(isFull || this.#beatBytes >= BEAT_BYTES);
  }

  /** The program has ended: what it said last is read whole. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#beat);
    this.#endPatience();
    this.#set(false);
  }

  #loseIt(): void {
    this.#isImpatient = true;
    this.#endPatience();
    this.look();
  }

  #endPatience(): void {
    clearTimeout(this.#patience);
    this.#patience = undefined;
  }

  #set(isPaused: boolean): void {
    if (isPaused === this.#isPaused) return;
    this.#isPaused = isPaused;
    if (isPaused) this.#source.pause();
    else this.#source.resume();
  }
}
