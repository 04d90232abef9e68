/** Whether a join token still lets machines in. */
import type { JoinToken } from "@roundhouse/protocol/api/join";

export type TokenState = "works" | "used-up" | "expired" | "revoked";

/** `listed`: the token as the control plane has it now; undefined when it has it no more. */
export function tokenState(listed: JoinToken | undefined, now: number): TokenState {
  if (listed === undefined) return "revoked";
  if (listed.usesLeft === 0) return "used-up";
  return Date.parse(listed.expiresAt) <= now ? "expired" : "works";
}

/** The tokens that still work, the newest first. */
export function workingTokens(tokens: readonly JoinToken[], now: number): JoinToken[] {
  return tokens.filter((token) => tokenState(token, now) === "works").toReversed();
}
