/** How fast an upload goes, and how long it still takes. */

/** So many bytes had been sent at a moment. */
export type Sample = { at: number; bytes: number };

/** Long enough to be calm, short enough to follow a change. */
const WINDOW_MS = 6_000;
const LEAST_SPAN_MS = 500;

/** The samples of the last seconds, with a new one. What goes back (a chunk sent again) begins anew. */
export function addSample(samples: readonly Sample[], sample: Sample): Sample[] {
  if (sample.bytes < (samples.at(-1)?.bytes ?? 0)) return [sample];
  return [...samples.filter(({ at }) => at > sample.at - WINDOW_MS), sample];
}

/** Bytes per second, or null while too little is known. */
export function rateOf(samples: readonly Sample[]): number | null {
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined || last.at - first.at < LEAST_SPAN_MS) return null;
  return ((last.bytes - first.bytes) / (last.at - first.at)) * 1000;
}

/** Milliseconds, or null while that cannot be said. */
export function remainingMs(leftBytes: number, bytesPerSecond: number | null): number | null {
  if (bytesPerSecond === null || bytesPerSecond <= 0) return null;
  return (leftBytes / bytesPerSecond) * 1000;
}
