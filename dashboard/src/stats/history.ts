/** The last hour of a node's samples: fetched once, then continued live, and thinned for drawing. */
import type { Stats } from "@roundhouse/protocol/facts";

export const HISTORY_MS = 60 * 60 * 1000;
const MIN_SPAN_MS = 10 * 60 * 1000;

/** Joins two series into one, in order of time, without doubles and without what is older than an hour. */
export function mergeSamples(older: readonly Stats[], newer: readonly Stats[]): Stats[] {
  const byTime = new Map<string, Stats>();
  for (const sample of older) byTime.set(sample.at, sample);
  for (const sample of newer) byTime.set(sample.at, sample);
  const sorted = [...byTime.values()].toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const end = Date.parse(sorted.at(-1)?.at ?? "");
  return sorted.filter((sample) => end - Date.parse(sample.at) <= HISTORY_MS);
}

/** How far back a chart goes (ms): to the oldest sample, so that a node that came just now shows more than a dot. */
export function chartSpan(samples: readonly Stats[], end: number): number {
  const oldest = samples[0];
  const age = oldest ? end - Date.parse(oldest.at) : 0;
  return Math.min(HISTORY_MS, Math.max(MIN_SPAN_MS, age + 1));
}

/**
 * `slots` values of the `span` (ms) before `end`, the mean of each slot's samples; null where there are none. `read`
 * answers null for a sample that has no such value.
 */
export function thinned(
  samples: readonly Stats[],
  read: (sample: Stats) => number | null,
  end: number,
  slots: number,
  span = HISTORY_MS,
): (number | null)[] {
  const sums = Array.from({ length: slots }, () => ({ sum: 0, count: 0 }));
  for (const sample of samples) {
    const value = read(sample);
    const age = end - Date.parse(sample.at);
    if (value === null || age < 0 || age >= span) continue;
    const slot = sums[slots - 1 - Math.floor((age / span) * slots)];
    if (slot) {
      slot.sum += value;
      slot.count += 1;
    }
  }
  return sums.map(({ sum, count }) => (count === 0 ? null : sum / count));
}
