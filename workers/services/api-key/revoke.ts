/** Revokes an API key: it stops working at once, and what it holds open ends. */
import { and, eq } from "drizzle-orm";
import { apiKeys } from "../../db/api-keys.ts";
import type { Context } from "../context.ts";
import { ServiceError } from "../error.ts";
import { publishChange } from "../feed/publish.ts";
import { revokeEverywhere } from "../revoke.ts";
import { visibleTo } from "./list.ts";

/** Somebody else's key is answered like one that does not exist. */
export async function revokeApiKey(ctx: Context, id: string): Promise<void> {
  const own = and(eq(apiKeys.id, id), visibleTo(ctx.actor));
  const [revoked] = await ctx.db.delete(apiKeys).where(own).returning({ id: apiKeys.id });
  if (!revoked) {
    throw new ServiceError("not_found", `There is no API key ${JSON.stringify(id)}.`, {
      hint: "GET /api/keys lists yours.",
    });
  }
  await revokeEverywhere(ctx, { by: "key", keyId: id });
  await publishChange(ctx, "api-key", id);
}
