/** Which due times of a trigger fire at a moment, and when it is due next. */
import type { CronTrigger } from "@roundhouse/protocol/api/job";
import type { Next } from "../../services/job/schedule.ts";

/** A due time that is later than this was missed: nobody was there, or the database was not. */
export const MISSED_AFTER_MS = 5_000;

/** Times in Unix ms. `nextAt` null: it never comes again. */
export type Due = { fire: number[]; nextAt: number | null };

/**
 * `dueAt` is a due time that has come. What is later than {@link MISSED_AFTER_MS} fires not at all, or once for all of them, by
 * the last of their times; every time after that fires.
 */
export function whatIsDue(next: Next, missed: CronTrigger["missed"], dueAt: number, now: number): Due {
  const fire: number[] = [];
  let at: number | null = dueAt;
  const missedUntil = now - MISSED_AFTER_MS - 1;
  if (at <= missedUntil) {
    const last = lastUntil(next, at, missedUntil);
    if (missed === "run_once") fire.push(last);
    at = next(last);
  }
  for (; at !== null && at <= now; at = next(at)) fire.push(at);
  return { fire, nextAt: at };
}

/** The last due time up to `until`, by halving: a schedule of seconds over a month has too many to walk. `dueAt` is one itself. */
function lastUntil(next: Next, dueAt: number, until: number): number {
  let last = dueAt;
  let end = until;
  while (last < end) {
    const middle = Math.floor((last + end) / 2);
    const found = next(middle);
    if (found !== null && found <= end) last = found;
    else end = middle;
  }
  return last;
}
