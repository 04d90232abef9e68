/** The status of an instance whose keeper runs it, from what was seen of it; and when its app counts as gone. Pure; by a steady clock. */
import type { KnownReason } from "@roundhouse/protocol/reasons";

export const STALL_AFTER_MS = 180_000;
/** Two looks without a listening socket, this far apart at least, are a death. */
const GONE_AFTER_MS = 2_000;
const HOUR_MS = 3_600_000;
const LONG_INSTALL_HOURS = 2;

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

/** What a person is told of an app that does not answer yet. It warns; nothing is ended for being slow. */
export function warningOf(seen: Sightings, nowMs: number, port: number): KnownReason | null {
  const status = statusWhileRunning(seen, nowMs);
  const minutes = STALL_AFTER_MS / 60_000;
  if (status === "stalled" && seen.everStarted) {
    const hint = "Its log may say why. It is still watched: it counts as started as soon as it answers.";
    return { code: "no_answer", message: `nothing has answered on port ${port} for ${minutes} minutes`, hint };
  }
  if (status === "stalled") {
    const hint = "It may be downloading in silence: see whether its folder grows. Stop it if it hangs.";
    return { code: "quiet", message: `its installation has said nothing for ${minutes} minutes`, hint };
  }
  const hours = Math.floor((nowMs - seen.launchedAtMs) / HOUR_MS);
  if (status !== "installing" || hours < LONG_INSTALL_HOURS) return null;
  const hint = "It still says something, so it is left alone. Its log shows what it does.";
  return { code: "long_install", message: `it has been installing for ${hours} hours`, hint };
}

/** When the instance was first seen without any listening socket, or null while it has one. */
export type Silence = { sinceMs: number | null };

/** Takes one look at an app that had started. `gone` comes with the second look in vain. */
export function lookForSockets(before: Silence, listening: number, nowMs: number): Silence & { gone: boolean } {
  if (listening > 0) return { sinceMs: null, gone: false };
  if (before.sinceMs === null) return { sinceMs: nowMs, gone: false };
  return { sinceMs: before.sinceMs, gone: nowMs - before.sinceMs >= GONE_AFTER_MS };
}
