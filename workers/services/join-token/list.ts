/** Lists join tokens, the earliest first. */
import type { JoinToken } from "@roundhouse/protocol/api/join";
import { joinTokens } from "../../db/join-tokens.ts";
import type { Context } from "../context.ts";
import { afterCursor, oldestFirst, type Page, type PageInput, toPage } from "../page.ts";
import { toJoinToken } from "./show.ts";

export async function listJoinTokens(ctx: Context, page: PageInput): Promise<Page<JoinToken>> {
  const query = ctx.db.select().from(joinTokens).where(afterCursor(joinTokens, page));
  const rows = await query.orderBy(...oldestFirst(joinTokens)).limit(page.limit + 1);
  return toPage(rows, page, toJoinToken);
}
