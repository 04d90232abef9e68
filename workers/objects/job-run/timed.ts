/** Bounds on waiting. No timer outlives what it bounds: a pending one would keep the object in memory, and bill. */

/** Gives `task` a signal that is aborted after `ms`, or with one of `others`. */
export async function withDeadline<T>(
  ms: number,
  others: readonly AbortSignal[],
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(new Error(`no end within ${ms} ms`)), ms);
  try {
    return await task(AbortSignal.any([deadline.signal, ...others]));
  } finally {
    clearTimeout(timer);
  }
}

/** Rejects as soon as the signal is aborted: what was aborted may never end by itself. */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => aborted.reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
