/** Revokes a join token. Nodes that joined with it stay. */
import { eq } from "drizzle-orm";
import { joinTokens } from "../../db/join-tokens.ts";
import type { Context } from "../context.ts";
import { ServiceError } from "../error.ts";
import { publishChange } from "../feed/publish.ts";

export async function revokeJoinToken(ctx: Context, id: string): Promise<void> {
  const [revoked] = await ctx.db.delete(joinTokens).where(eq(joinTokens.id, id)).returning({ id: joinTokens.id });
  if (!revoked) {
    throw new ServiceError("not_found", `There is no join token ${JSON.stringify(id)}.`, {
      hint: "GET /api/join-tokens lists them.",
    });
  }
  await publishChange(ctx, "join-token", id);
}
