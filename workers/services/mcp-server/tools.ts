/** Reads an MCP server's tools: as they were seen last, and what was approved of them. */
import { asc, eq } from "drizzle-orm";
import type { McpTool, McpToolStatus, McpTools } from "@roundhouse/protocol/api/mcp-server";
import type { Database } from "../../db/database.ts";
import { mcpTools } from "../../db/mcp-tools.ts";
import type { Context } from "../context.ts";
import { type McpServerRow, readMcpServer } from "./find.ts";
import { type McpToolRow, toMcpTool } from "./show.ts";

/** What waits for a person comes first. */
const ORDER: readonly McpToolStatus[] = ["changed", "new", "approved", "gone", "blocked"];

/** Throws `not_found`. */
export async function listMcpTools(ctx: Context, idOrName: string): Promise<McpTools> {
  return showMcpTools(ctx, await readMcpServer(ctx.db, idOrName));
}

export async function showMcpTools({ db }: Context, { id, about }: McpServerRow): Promise<McpTools> {
  const items = (await readTools(db, id)).map(toMcpTool).filter((tool) => tool !== undefined);
  return {
    items: items.toSorted((one, other) => rankOf(one) - rankOf(other)),
    instructions: about?.instructions ?? null,
    serverName: about?.serverName ?? null,
    serverVersion: about?.serverVersion ?? null,
  };
}

/** By name. */
export function readTools(db: Database, serverId: string): Promise<McpToolRow[]> {
  return db.select().from(mcpTools).where(eq(mcpTools.serverId, serverId)).orderBy(asc(mcpTools.name));
}

function rankOf({ status }: McpTool): number {
  return ORDER.indexOf(status);
}
