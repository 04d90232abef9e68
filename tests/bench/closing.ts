/** Whatever happens, what the benchmark has opened is closed: at the end, at an error, at Ctrl-C, and when it takes too long. */

/** The benchmark was told to stop. */
export class Interrupted extends Error {}

const signal = new Promise<NodeJS.Signals>((resolve) => {
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, resolve);
});

/** Runs `work`, which hands over what must be closed after it. Throws {@link Interrupted} when it is cut short. */
export async function closing<T>(limitMs: number, work: (later: AsyncDisposableStack) => Promise<T>): Promise<T> {
  await using later = new AsyncDisposableStack();
  return await limited(limitMs, work(later));
}

/** Throws {@link Interrupted} when `work` goes on for too long, or at a signal. */
export async function limited<T>(limitMs: number, work: Promise<T>): Promise<T> {
  const over = Promise.withResolvers<never>();
  const timer = setTimeout(() => over.reject(new Error(`not done within ${limitMs / 60_000} minutes`)), limitMs);
  const interrupted = signal.then((name) => {
    throw new Interrupted(name);
  });
  try {
    return await Promise.race([work, over.promise, interrupted]);
  } finally {
    clearTimeout(timer);
  }
}
