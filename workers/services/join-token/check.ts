/** What a join token is worth. */
import { eq, sql } from "drizzle-orm";
import { hashSecret } from "@roundhouse/protocol/ids";
import type { Database } from "../../db/database.ts";
import { joinTokens } from "../../db/join-tokens.ts";
import { ServiceError } from "../error.ts";

export type CheckedToken = { id: string; usesLeft: number; expiresAt: Date; joins: number };

/**
 * Checked before the body is read. A dead token that nobody ever joined with is refused here; one that was used is let
 * through, since the body may show that this is the same join again.
 */
export async function checkJoinToken(db: Database, secret: string, now: Date): Promise<CheckedToken> {
  const [token] = await db
    .select({
      id: joinTokens.id,
      usesLeft: joinTokens.usesLeft,
      expiresAt: joinTokens.expiresAt,
      joins: sql<number>`(SELECT count(*) FROM join_token_uses WHERE join_token_uses.token_id = join_tokens.id)`,
    })
    .from(joinTokens)
    .where(eq(joinTokens.secretHash, await hashSecret(secret)));
  if (!token) throw unknownToken();
  const dead = deadTokenError(token, now);
  if (dead && token.joins === 0) throw dead;
  return token;
}

/** Why the token opens no new join; undefined while it does. */
export function deadTokenError(
  { usesLeft, expiresAt }: Pick<CheckedToken, "usesLeft" | "expiresAt">,
  now: Date,
): ServiceError | undefined {
  const hint = "Make a new join token under Nodes, or with POST /api/join-tokens.";
  if (usesLeft <= 0) return new ServiceError("join_token_used", "This join token was used already.", { hint });
  if (expiresAt.getTime() > now.getTime()) return undefined;
  return new ServiceError("join_token_expired", `This join token expired at ${expiresAt.toISOString()}.`, { hint });
}

export function unknownToken(): ServiceError {
  return new ServiceError("join_token_invalid", "This join token is not known here.", {
    hint: "Copy the whole command again, or make a new join token under Nodes.",
  });
}
