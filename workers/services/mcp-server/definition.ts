/** What became of a tool's definition since it was approved, asked of its server at this moment: for a run whose call it kept back. */
import { and, eq } from "drizzle-orm";
import { mcpServers } from "../../db/mcp-servers.ts";
import { mcpTools } from "../../db/mcp-tools.ts";
import type { Context } from "../context.ts";
import { approveTools } from "./decide.ts";
import { learnTools } from "./learn.ts";
import { diffOfDefinitions } from "./show.ts";

/** `approved`: as it is now it may be used, under `hash`. `changed`: a person has to read it. `gone`: it cannot be used. */
export type DefinitionNow =
  | { is: "approved"; hash: string }
  | { is: "changed"; hash: string; diff: string }
  | { is: "gone"; message: string };

type Tool = { server: string; tool: string };

/** Throws `node_offline` and `mcp_server_failed`. */
export async function readDefinition(ctx: Context, { server: id, tool }: Tool): Promise<DefinitionNow> {
  const [server] = await ctx.db.select().from(mcpServers).where(eq(mcpServers.id, id));
  if (!server) return { is: "gone", message: "Its MCP server was removed from the pool." };
  await learnTools(ctx, server);
  const isIt = and(eq(mcpTools.serverId, id), eq(mcpTools.name, tool));
  const [row] = await ctx.db.select().from(mcpTools).where(isIt);
  if (!row?.seen || row.seenHash === null)
    return { is: "gone", message: "Its server does not have this tool any more." };
  if (row.blocked) return { is: "gone", message: "Somebody blocked this tool." };
  if (row.seenHash === row.approvedHash) return { is: "approved", hash: row.seenHash };
  const before = row.approved ?? { name: tool, inputSchema: {} };
  return { is: "changed", hash: row.seenHash, diff: diffOfDefinitions(tool, before, row.seen) };
}

/** What a person approved in a run's question. Throws `conflict` where it is another definition by now. */
export async function approveDefinition(ctx: Context, tool: Tool & { hash: string }, by: string): Promise<void> {
  const [server] = await ctx.db.select().from(mcpServers).where(eq(mcpServers.id, tool.server));
  if (server) await approveTools(ctx, server, { tools: [{ name: tool.tool, hash: tool.hash }], by });
}
