/** The minutes that a run has used: those in which it could go on by itself, not those in which it waited for a person. Pure. */
import type { Clock } from "./rows.ts";

const MINUTE_MS = 60_000;

/** When its time is up; null while it stands still. */
export function deadlineOf({ usedMs, sinceMs }: Clock, minutes: number): number | null {
  return sinceMs === null ? null : sinceMs + minutes * MINUTE_MS - usedMs;
}

export function paused({ usedMs, sinceMs }: Clock, now: number): Clock {
  return { usedMs: usedMs + (sinceMs === null ? 0 : Math.max(0, now - sinceMs)), sinceMs: null };
}

export function resumed(clock: Clock, now: number): Clock {
  return clock.sinceMs === null ? { ...clock, sinceMs: now } : clock;
}
