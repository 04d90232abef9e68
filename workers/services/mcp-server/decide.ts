/** A person's word on definitions of tools: exactly those that were read, all of them or none. */
import { and, eq, sql, type SQL } from "drizzle-orm";
import type { DecideMcpTools, McpTools } from "@roundhouse/protocol/api/mcp-server";
import { MAX_MCP_PINS_BYTES_PER_NODE } from "@roundhouse/protocol/mcp";
import { mcpServers } from "../../db/mcp-servers.ts";
import { mcpTools } from "../../db/mcp-tools.ts";
import { nameOfActor } from "../audit/actor.ts";
import type { Context } from "../context.ts";
import { ServiceError } from "../error.ts";
import { publishChange } from "../feed/publish.ts";
import { pokeNode } from "../node/poke.ts";
import { type McpServerRow, readMcpServer } from "./find.ts";
import { showMcpTools } from "./tools.ts";

type Named = DecideMcpTools["tools"];

/** Throws `not_found`, `conflict` where a definition is another one by now, and `node_full`. */
export async function decideMcpTools(ctx: Context, idOrName: string, input: DecideMcpTools): Promise<McpTools> {
  const server = await readMcpServer(ctx.db, idOrName);
  const { decision, tools } = input;
  if (decision === "approve") await approveTools(ctx, server, { tools, by: await nameOfActor(ctx) });
  else await refuseTools(ctx, server, { tools, blocked: decision === "block" });
  return showMcpTools(ctx, server);
}

/** Pins these definitions; `by` is who is named for it. Throws `conflict` and `node_full`. */
export async function approveTools(
  ctx: Context,
  server: McpServerRow,
  { tools, by }: { tools: Named; by: string },
): Promise<void> {
  await refuseManyPins(ctx, server, tools);
  const written = await ctx.db
    .update(mcpTools)
    .set({
      approved: sql`${mcpTools.seen}`,
      approvedHash: sql`${mcpTools.seenHash}`,
      ...{ approvedBy: by, approvedAt: ctx.now, blocked: false },
    })
    .where(and(eq(mcpTools.serverId, server.id), isNamed(tools), areAllThere(server.id, tools)))
    .returning({ name: mcpTools.name });
  if (written.length === 0) throw changedMeanwhile();
  await tell(ctx, server);
}

/** Blocked, or as if they had never been approved. */
async function refuseTools(ctx: Context, server: McpServerRow, { tools, blocked }: { tools: Named; blocked: boolean }) {
  const names = JSON.stringify(tools.map(({ name }) => name));
  const isMeant = sql`${mcpTools.name} IN (SELECT value FROM json_each(${names}))`;
  await ctx.db
    .update(mcpTools)
    .set({ approved: null, approvedHash: null, approvedBy: null, approvedAt: null, blocked })
    .where(and(eq(mcpTools.serverId, server.id), isMeant));
  await tell(ctx, server);
}

function isNamed(tools: Named): SQL {
  return sql`EXISTS (SELECT 1 FROM json_each(${JSON.stringify(tools)}) AS named
    WHERE json_extract(named.value, '$.name') = ${mcpTools.name}
      AND json_extract(named.value, '$.hash') = ${mcpTools.seenHash})`;
}

/** In the same statement: one that changed meanwhile keeps all of them from being approved. */
function areAllThere(serverId: string, tools: Named): SQL {
  return sql`NOT EXISTS (SELECT 1 FROM json_each(${JSON.stringify(tools)}) AS wanted WHERE NOT EXISTS (
    SELECT 1 FROM mcp_tools AS there WHERE there.server_id = ${serverId}
      AND there.name = json_extract(wanted.value, '$.name') AND there.seen_hash = json_extract(wanted.value, '$.hash')))`;
}

/** The pins of a node's servers travel in one message. */
async function refuseManyPins({ db }: Context, { id, nodeId }: McpServerRow, tools: Named): Promise<void> {
  const names = JSON.stringify(tools.map(({ name }) => name));
  const [sum] = await db.all<{ bytes: number }>(sql`
    SELECT coalesce(sum(length(CAST(name AS BLOB)) + 50), 0) AS bytes FROM (
      SELECT tool.server_id, tool.name FROM ${mcpTools} AS tool JOIN ${mcpServers} AS server ON server.id = tool.server_id
        WHERE server.node_id = ${nodeId} AND tool.approved_hash IS NOT NULL
      UNION SELECT ${id}, value FROM json_each(${names}))`);
  if ((sum?.bytes ?? 0) <= MAX_MCP_PINS_BYTES_PER_NODE) return;
  throw new ServiceError("node_full", "tools: the MCP servers of this node have too many approved tools.", {
    hint: `All their names may take ${MAX_MCP_PINS_BYTES_PER_NODE} bytes together. Block what nobody uses.`,
  });
}

function changedMeanwhile(): ServiceError {
  return new ServiceError("conflict", "tools: at least one of these is defined otherwise by now, or gone.", {
    hint: "Read them again, and decide on what they say now.",
  });
}

async function tell(ctx: Context, { id, nodeId }: McpServerRow): Promise<void> {
  await pokeNode(ctx, nodeId);
  await publishChange(ctx, "mcp-server", id);
}
