/** Whether and when an app that died is launched again. Pure. */
import type { RestartPolicy } from "@roundhouse/protocol/instance";
import { unreachable } from "@roundhouse/protocol/exhaustive";

const FIRST_DELAY_MS = 1_000;
export const MAX_DELAY_MS = 60_000;
/** An app that answered for this long has proven itself: counting begins anew. */
const GOOD_RUN_MS = 60_000;
export const MAX_RESTARTS_IN_ROW = 10;

export type Death = {
  /** null when it did not end by itself with a code: a signal, or an app that left its script behind. */
  exitCode: number | null;
  /** How long it had been answering; null when it never did. */
  startedForMs: number | null;
};

export type Restart =
  | { restart: false; gaveUp: boolean; restartsInRow: number }
  | { restart: true; delayMs: number; restartsInRow: number };

export function nextRestart(policy: RestartPolicy, death: Death, restartsInRow: number): Restart {
  const before = (death.startedForMs ?? 0) >= GOOD_RUN_MS ? 0 : restartsInRow;
  if (!applies(policy, death)) return { restart: false, gaveUp: false, restartsInRow: before };
  if (before >= MAX_RESTARTS_IN_ROW) return { restart: false, gaveUp: true, restartsInRow: before };
  const delayMs = Math.min(FIRST_DELAY_MS * 2 ** before, MAX_DELAY_MS);
  return { restart: true, delayMs, restartsInRow: before + 1 };
}

function applies(policy: RestartPolicy, death: Death): boolean {
  switch (policy) {
    case "never":
      return false;
    case "on-failure":
      return death.exitCode !== 0;
    case "always":
      return true;
    default:
      return unreachable(policy);
  }
}
