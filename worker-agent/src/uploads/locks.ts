/** One writer an upload: who holds it, and when a holder has to give way. */
import { FileProblem } from "../files/problem.ts";

/** A writer that sent nothing for so long has most likely lost its network, and its client is back on another connection. */
const STALLED_MS = 10_000;

type Holder = { gone: AbortSignal; end: AbortController; activeAtMs: number; over: Promise<void> };

export type Hold = {
  /** Aborts when the request is gone, or another one takes over. */
  signal: AbortSignal;
  /** Bytes came. */
  touch(): void;
  release(): void;
};

export class Locks {
  readonly #holders = new Map<string, Holder>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  isHeld(id: string): boolean {
    return this.#holders.has(id);
  }

  /** Takes the upload for a request, `gone` when that aborts. Waits for a holder that gives way, throws `upload_busy` for one that works. */
  async take(id: string, gone: AbortSignal): Promise<Hold> {
    await this.settled(id);
    if (this.#holders.has(id)) {
      throw new FileProblem(
        "upload_busy",
        "Another request is writing this upload.",
        "Ask for the offset with HEAD in a moment, and go on from there.",
      );
    }
    const end = new AbortController();
    const onGone = (): void => end.abort(gone.reason);
    let free: () => void = () => undefined;
    const over = new Promise<void>((resolve) => {
      free = resolve;
    });
    const holder: Holder = { gone, end, activeAtMs: this.#now(), over };
    this.#holders.set(id, holder);
    if (gone.aborted) onGone();
    else gone.addEventListener("abort", onGone);
    return {
      signal: end.signal,
      touch: () => {
        holder.activeAtMs = this.#now();
      },
      release: () => {
        gone.removeEventListener("abort", onGone);
        this.#holders.delete(id);
        free();
      },
    };
  }

  /** Resolves when nobody holds it who is on the way out: what was written last is then counted. */
  async settled(id: string): Promise<void> {
    for (let holder = this.#holders.get(id); holder; holder = this.#holders.get(id)) {
      const isStalled = this.#now() - holder.activeAtMs > STALLED_MS;
      if (!holder.gone.aborted && !isStalled) return;
      holder.end.abort(new FileProblem("upload_busy", "Another request took this upload over."));
      await holder.over;
    }
  }
}
