/** When a link counts as lost (SPEC HB3). Pure: the runtime keeps the time of the last answered ping. */

export type Beat = {
  /** When the runtime last answered a ping on this socket, null before the first. */
  lastPingAt: number | null;
  connectedAt: number;
};

/** The last moment we know the agent was there (Unix ms). */
export function lastSeen(beat: Beat): number {
  return Math.max(beat.lastPingAt ?? 0, beat.connectedAt);
}

export function isSilent(beat: Beat, now: number, timeoutMs: number): boolean {
  return now - lastSeen(beat) > timeoutMs;
}
