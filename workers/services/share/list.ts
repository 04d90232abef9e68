/** Lists the living shares of an instance, the earliest first. */
import { and, eq, gt } from "drizzle-orm";
import type { Share } from "@roundhouse/protocol/api/share";
import { shares } from "../../db/shares.ts";
import { users } from "../../db/users.ts";
import { ownerLabel } from "../api-key/show.ts";
import type { Context } from "../context.ts";
import { readInstance } from "../instance/read.ts";
import { afterCursor, oldestFirst, type Page, type PageInput, toPage } from "../page.ts";
import { toShare } from "./show.ts";

export async function listShares(ctx: Context, instanceId: string, page: PageInput): Promise<Page<Share>> {
  await readInstance(ctx.db, instanceId);
  const isLiving = and(eq(shares.instanceId, instanceId), gt(shares.expiresAt, ctx.now));
  const rows = await ctx.db
    .select({ share: shares, owner: users.name })
    .from(shares)
    .leftJoin(users, eq(users.id, shares.userId))
    .where(and(isLiving, afterCursor(shares, page)))
    .orderBy(...oldestFirst(shares))
    .limit(page.limit + 1);
  const owned = rows.map(({ share, owner }) => ({ ...share, owner }));
  return toPage(owned, page, (row) => toShare(row, ownerLabel(row.owner)));
}
