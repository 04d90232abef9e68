/** Starts an MCP server and reads its tools: what a first look does. */
import type { McpTools } from "@roundhouse/protocol/api/mcp-server";
import type { Context } from "../context.ts";
import { readMcpServer } from "./find.ts";
import { learnTools } from "./learn.ts";
import { showMcpTools } from "./tools.ts";

/** Throws `not_found`, `node_offline`, and `mcp_server_failed` with the node's words. */
export async function startMcpServer(ctx: Context, idOrName: string, signal: AbortSignal): Promise<McpTools> {
  const server = await readMcpServer(ctx.db, idOrName);
  await learnTools(ctx, server, signal);
  return showMcpTools(ctx, await readMcpServer(ctx.db, server.id));
}
