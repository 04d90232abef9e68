/** Ends an MCP server with its sessions. The next request starts it again. */
import * as z from "zod";
import type { McpServer } from "@roundhouse/protocol/api/mcp-server";
import type { Context } from "../context.ts";
import { askServer, notThereYet } from "./ask.ts";
import { readMcpServer } from "./find.ts";
import { showMcpServer } from "./get.ts";

/** Throws `not_found` and `node_offline`. */
export async function stopMcpServer(ctx: Context, idOrName: string): Promise<McpServer> {
  const server = await readMcpServer(ctx.db, idOrName);
  const stopped = await askServer(ctx, server, { path: "/stop", method: "POST", answer: z.object({}) });
  if (!stopped) throw notThereYet(server);
  return showMcpServer(ctx, server);
}
