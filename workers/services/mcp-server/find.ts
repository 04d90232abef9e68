/** Finds an MCP server by id, or by name where a person may have typed it. */
import { eq, or } from "drizzle-orm";
import type { Database } from "../../db/database.ts";
import { mcpServers } from "../../db/mcp-servers.ts";
import { ServiceError } from "../error.ts";

export type McpServerRow = typeof mcpServers.$inferSelect;

/** Throws `not_found`. */
export async function readMcpServer(db: Database, idOrName: string): Promise<McpServerRow> {
  const rows = await db
    .select()
    .from(mcpServers)
    .where(or(eq(mcpServers.id, idOrName), eq(mcpServers.name, idOrName)));
  const row = rows.find(({ id }) => id === idOrName) ?? rows[0];
  if (row) return row;
  throw new ServiceError("not_found", `There is no MCP server ${JSON.stringify(idOrName)}.`, {
    hint: "GET /api/mcp-servers lists them.",
  });
}
