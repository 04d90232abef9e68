/** Lists instances, the earliest first; tombstones too, until their node confirmed. */
import type { Instance } from "@roundhouse/protocol/api/instance";
import { instances } from "../../db/instances.ts";
import type { Context } from "../context.ts";
import { afterCursor, oldestFirst, type Page, type PageInput, toPage } from "../page.ts";
import { onlineNodesOf } from "./read.ts";
import { toInstance } from "./show.ts";

export async function listInstances(ctx: Context, page: PageInput): Promise<Page<Instance>> {
  const query = ctx.db.select().from(instances).where(afterCursor(instances, page));
  const rows = await query.orderBy(...oldestFirst(instances)).limit(page.limit + 1);
  const online = await onlineNodesOf(ctx, rows);
  return toPage(rows, page, (row) => toInstance(ctx.env, row, online.has(row.nodeId)));
}
