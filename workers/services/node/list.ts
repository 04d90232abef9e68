/** Lists nodes, the earliest first. */
import type { Node } from "@roundhouse/protocol/api/node";
import { nodes } from "../../db/nodes.ts";
import type { Context } from "../context.ts";
import { afterCursor, oldestFirst, type Page, type PageInput, toPage } from "../page.ts";
import { onlineNodes } from "./liveness.ts";
import { toNode } from "./show.ts";

export async function listNodes(ctx: Context, page: PageInput): Promise<Page<Node>> {
  const query = ctx.db.select().from(nodes).where(afterCursor(nodes, page));
  const rows = await query.orderBy(...oldestFirst(nodes)).limit(page.limit + 1);
  const online = await onlineNodes(ctx, rows);
  return toPage(rows, page, (row) => toNode({ ...row, online: online.has(row.id) }));
}
