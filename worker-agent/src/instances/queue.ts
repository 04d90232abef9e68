/** One worker per instance: steps run one after the other, each chosen from the newest wish. */

export type Worker = {
  /** Something may have changed: choose again, now or when the present step is done. */
  poke(): void;
  /** No further step begins; resolves when the present one is done. */
  stop(): Promise<void>;
};

/** `step` does one thing and gives true when there may be more to do. Its errors go to `onError`, and work stops until poked. */
export function createWorker(step: () => Promise<boolean>, onError: (error: unknown) => void): Worker {
  let running: Promise<void> | undefined;
  let pokedAgain = false;
  let stopped = false;

  async function run(): Promise<void> {
    do {
      pokedAgain = false;
      try {
        while (!stopped && (await step())) continue;
      } catch (error) {
        onError(error);
      }
    } while (pokedAgain && !stopped);
    running = undefined;
  }

  return {
    poke: () => {
      if (stopped) return;
      if (running) pokedAgain = true;
      else running = run();
    },
    stop: async () => {
      stopped = true;
      await running;
    },
  };
}
