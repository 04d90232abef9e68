/** Lists MCP servers with what their nodes say of them, the earliest first. */
import { and, eq, sql } from "drizzle-orm";
import type { McpServer, McpServerQuery } from "@roundhouse/protocol/api/mcp-server";
import { mcpServers } from "../../db/mcp-servers.ts";
import { mcpTools } from "../../db/mcp-tools.ts";
import type { Context } from "../context.ts";
import { resolveNode } from "../node/find.ts";
import { afterCursor, oldestFirst, type Page, toPage } from "../page.ts";
import type { McpServerRow } from "./find.ts";
import { toMcpServer } from "./show.ts";
import { whereaboutsOf } from "./status.ts";

/** Throws `unknown_node`. */
export async function listMcpServers(ctx: Context, query: McpServerQuery): Promise<Page<McpServer>> {
  const node = query.node === undefined ? undefined : (await resolveNode(ctx.db, query.node)).id;
  const isMeant = and(node === undefined ? undefined : eq(mcpServers.nodeId, node), afterCursor(mcpServers, query));
  const rows = await ctx.db
    .select()
    .from(mcpServers)
    .where(isMeant)
    .orderBy(...oldestFirst(mcpServers))
    .limit(query.limit + 1);
  const shown = await showMcpServers(ctx, rows);
  return toPage(rows, query, (row) => shown.get(row.id) ?? unknownRow(row));
}

/** By id. */
export async function showMcpServers(ctx: Context, rows: readonly McpServerRow[]): Promise<Map<string, McpServer>> {
  const places = await whereaboutsOf(ctx, rows);
  const tools = await ctx.db
    .select({
      serverId: mcpTools.serverId,
      blocked: mcpTools.blocked,
      seenHash: mcpTools.seenHash,
      approvedHash: mcpTools.approvedHash,
    })
    .from(mcpTools)
    .where(sql`${mcpTools.serverId} IN (SELECT value FROM json_each(${JSON.stringify(rows.map(({ id }) => id))}))`);
  const publicUrl = ctx.env.PUBLIC_URL;
  return new Map(
    rows.map((row) => {
      const own = tools.filter(({ serverId }) => serverId === row.id);
      return [row.id, toMcpServer(row, own, { whereabouts: places.get(row.id), publicUrl })];
    }),
  );
}

function unknownRow({ id }: McpServerRow): never {
  throw new Error(`${id} was read and is not shown`);
}
