/** The status of an instance whose keeper runs it, from what was seen of it; and when its app counts as gone. Pure. */

export const STALL_AFTER_MS = 180_000;
/** Two looks without a listening socket, this far apart at least, are a death. */
const GONE_AFTER_MS = 2_000;

export type Sightings = {
  everStarted: boolean;
  launchedAtMs: number;
  lastOutputAtMs: number;
  /** When it first answered, or null. */
  readyAtMs: number | null;
};

export type RunningStatus = "installing" | "starting" | "stalled" | "started";

/** A first launch may take hours as long as it says something; a later one has to answer in time. */
export function statusWhileRunning(seen: Sightings, nowMs: number): RunningStatus {
  if (seen.readyAtMs !== null) return "started";
  if (seen.everStarted) return nowMs - seen.launchedAtMs >= STALL_AFTER_MS ? "stalled" : "starting";
  const quietSinceMs = Math.max(seen.launchedAtMs, seen.lastOutputAtMs);
  return nowMs - quietSinceMs >= STALL_AFTER_MS ? "stalled" : "installing";
}

/** When the instance was first seen without any listening socket, or null while it has one. */
export type Silence = { sinceMs: number | null };

/** Takes one look at an app that had started. `gone` comes with the second look in vain. */
export function lookForSockets(before: Silence, listening: number, nowMs: number): Silence & { gone: boolean } {
  if (listening > 0) return { sinceMs: null, gone: false };
  if (before.sinceMs === null) return { sinceMs: nowMs, gone: false };
  return { sinceMs: before.sinceMs, gone: nowMs - before.sinceMs >= GONE_AFTER_MS };
}
