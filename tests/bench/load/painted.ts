/** How long a person waits in a page: from an interaction to the next paint, and tasks that hold the page up. */
import type { Page } from "playwright-core";

/** In milliseconds. */
export type Waits = {
  /** How many interactions were measured. */
  interactions: number;
  /** The longest, leaving out one for every 50, as the web's own measure of it does (INP). */
  interactionToNextPaintMs: number;
  longestTaskMs: number;
};

type Watch = { durations: Map<number, number>; longestTaskMs: number };

declare global {
  interface Window {
    roundhouseWaits?: Watch;
  }
}

const OUTLIERS_PER_INTERACTION = 1 / 50;

/** Begins to watch a page that is already there. */
export async function watchWaits(page: Page): Promise<void> {
  await page.evaluate(() => {
    const watch: Watch = { durations: new Map(), longestTaskMs: 0 };
    window.roundhouseWaits = watch;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { interactionId: number })[]) {
        if (entry.interactionId === 0) continue;
        // A click is several events of one interaction: the longest counts.
        const known = watch.durations.get(entry.interactionId) ?? 0;
        watch.durations.set(entry.interactionId, Math.max(known, entry.duration));
      }
    }).observe({ type: "event", durationThreshold: 16 } as PerformanceObserverInit);
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) watch.longestTaskMs = Math.max(watch.longestTaskMs, duration);
    }).observe({ type: "longtask" });
  });
}

/** What was seen since {@link watchWaits}; `interactions` is how many were made, since quick ones are not told. */
export async function readWaits(page: Page, interactions: number): Promise<Waits> {
  const { durations, longestTaskMs } = await page.evaluate(() => ({
    durations: [...(window.roundhouseWaits?.durations.values() ?? [])],
    longestTaskMs: window.roundhouseWaits?.longestTaskMs ?? Number.NaN,
  }));
  const longestFirst = durations.toSorted((a, b) => b - a);
  const leftOut = Math.floor(interactions * OUTLIERS_PER_INTERACTION);
  return { interactions, interactionToNextPaintMs: longestFirst[leftOut] ?? 16, longestTaskMs };
}
