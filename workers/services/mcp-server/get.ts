/** Reads one MCP server, with what its node says of it. */
import type { McpServer } from "@roundhouse/protocol/api/mcp-server";
import type { Context } from "../context.ts";
import { type McpServerRow, readMcpServer } from "./find.ts";
import { showMcpServers } from "./list.ts";

/** Throws `not_found`. */
export async function getMcpServer(ctx: Context, idOrName: string): Promise<McpServer> {
  return showMcpServer(ctx, await readMcpServer(ctx.db, idOrName));
}

export async function showMcpServer(ctx: Context, row: McpServerRow): Promise<McpServer> {
  const shown = (await showMcpServers(ctx, [row])).get(row.id);
  if (!shown) throw new Error(`${row.id} was read and is not shown`);
  return shown;
}
