/** The MCP servers of a node as it is told of them: with the hashes of what was approved, and of nothing else (SPEC MC1, MC6). */
import { and, eq, isNotNull, sql } from "drizzle-orm";
import type { DesiredMcpServer } from "@roundhouse/protocol/mcp";
import type { Database } from "../../db/database.ts";
import { mcpServers } from "../../db/mcp-servers.ts";
import { mcpTools } from "../../db/mcp-tools.ts";

/** Two queries for one transaction with others, and what becomes of their rows. */
export function desiredMcpServers(db: Database, nodeId: string) {
  const servers = db.select().from(mcpServers).where(eq(mcpServers.nodeId, nodeId)).orderBy(mcpServers.id);
  const pins = db
    .select({ serverId: mcpTools.serverId, name: mcpTools.name, hash: sql<string>`${mcpTools.approvedHash}` })
    .from(mcpTools)
    .innerJoin(mcpServers, eq(mcpServers.id, mcpTools.serverId))
    .where(and(eq(mcpServers.nodeId, nodeId), isNotNull(mcpTools.approvedHash), eq(mcpTools.blocked, false)))
    .orderBy(mcpTools.name);
  return { servers, pins };
}

export function toDesiredMcpServers(
  servers: readonly (typeof mcpServers.$inferSelect)[],
  pins: readonly { serverId: string; name: string; hash: string }[],
): DesiredMcpServer[] {
  return servers.map(({ id, name, run, env, idleMinutes }) => {
    const own = pins.filter(({ serverId }) => serverId === id);
    return { id, name, run, env, idleMinutes, pins: Object.fromEntries(own.map((pin) => [pin.name, pin.hash])) };
  });
}
