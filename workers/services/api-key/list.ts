/** Lists API keys: one's own, for an admin all. */
import { and, eq, isNull, type SQL } from "drizzle-orm";
import type { ApiKey } from "@roundhouse/protocol/api/person";
import { apiKeys } from "../../db/api-keys.ts";
import { users } from "../../db/users.ts";
import { type Actor, hasRole, userIdOf } from "../actor.ts";
import type { Context } from "../context.ts";
import { afterCursor, oldestFirst, type Page, type PageInput, toPage } from "../page.ts";
import { ownerLabel, toApiKey } from "./show.ts";

export async function listApiKeys(ctx: Context, page: PageInput): Promise<Page<ApiKey>> {
  const rows = await ctx.db
    .select({ key: apiKeys, owner: users.name })
    .from(apiKeys)
    .leftJoin(users, eq(users.id, apiKeys.userId))
    .where(and(visibleTo(ctx.actor), afterCursor(apiKeys, page)))
    .orderBy(...oldestFirst(apiKeys))
    .limit(page.limit + 1);
  const keyed = rows.map(({ key, owner }) => ({ ...key, owner }));
  return toPage(keyed, page, (row) => toApiKey(row, ownerLabel(row.owner)));
}

/** The keys an actor may see and revoke. A key without an owner belongs to admins. */
export function visibleTo(actor: Actor): SQL | undefined {
  if (hasRole(actor, "admin")) return undefined;
  const userId = userIdOf(actor);
  if (userId !== null) return eq(apiKeys.userId, userId);
  const keyId = actor.type === "apiKey" ? actor.keyId : "";
  return and(isNull(apiKeys.userId), eq(apiKeys.id, keyId));
}
