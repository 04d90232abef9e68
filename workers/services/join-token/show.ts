/** How a join token is shown: everything but the token. */
import type { JoinToken } from "@roundhouse/protocol/api/join";
import type { joinTokens } from "../../db/join-tokens.ts";

export function toJoinToken({
  id,
  name,
  uses,
  usesLeft,
  expiresAt,
  createdAt,
}: typeof joinTokens.$inferSelect): JoinToken {
  return { id, name, uses, usesLeft, expiresAt: expiresAt.toISOString(), createdAt: createdAt.toISOString() };
}
