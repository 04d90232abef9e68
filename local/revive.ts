/** The one fault that miniflare does not mend by itself: workerd dies while it is being started again after a crash. */
import { setTimeout as sleep } from "node:timers/promises";
import { Log, LogLevel, type Miniflare, MiniflareCoreError, type MiniflareOptions } from "miniflare";

const PAUSE_MS = 250;

/** miniflare says it in its log, and nowhere else. */
export class CrashLog extends Log {
  readonly #onGivenUp: () => void;

  constructor(onGivenUp: () => void) {
    super(LogLevel.WARN);
    this.#onGivenUp = onGivenUp;
  }

  override error(error: Error): void {
    super.error(error);
    if (error instanceof MiniflareCoreError && error.code === "ERR_RUNTIME_FAILURE") this.#onGivenUp();
  }
}

/** Starts workerd again until it serves, or until the runtime is disposed of. */
export async function revive(runtime: Miniflare, options: MiniflareOptions): Promise<void> {
  for (;;) {
    await sleep(PAUSE_MS);
    try {
      return await runtime.setOptions(options);
    } catch (error) {
      if (error instanceof MiniflareCoreError && error.code === "ERR_DISPOSED") return;
      // Killed before it was told what to serve, it breaks in many ways (EPIPE, no ports): each is worth another try.
      process.stderr.write(
        `The runtime could not be started: ${error instanceof Error ? error.message : String(error)}\n`,
      );
    }
  }
}
