/** Runs a task so that a call during a run makes it run once more: the last look is always newer than the last call. */

/** Wraps `task`: runs never overlap, and each caller's promise ends with a run that began after its call. */
export function runAgain(task: () => Promise<void>): () => Promise<void> {
  let tail: Promise<void> = Promise.resolve();
  let queued: Promise<void> | undefined;
  return () => {
    if (queued) return queued;
    const mine = tail.then(() => {
      queued = undefined;
      return task();
    });
    queued = mine;
    // The caller hears of a failure; the next run starts all the same.
    tail = mine.catch(() => undefined);
    return mine;
  };
}
