/** The tools of MCP servers that a run may use: what its job names, on its nodes, as somebody approved it. */
import { asc, eq, inArray } from "drizzle-orm";
import { qualifiedTool, splitTool } from "@roundhouse/protocol/mcp";
import type { McpToolDefinition } from "@roundhouse/protocol/mcp-definition";
import type { Database } from "../../db/database.ts";
import { mcpServers } from "../../db/mcp-servers.ts";
import { mcpTools } from "../../db/mcp-tools.ts";

/** `qualified` is `<server>/<tool>`; `pin` the hash of `definition`. */
export type RunMcpTool = {
  qualified: string;
  server: string;
  tool: string;
  nodeId: string;
  pin: string;
  definition: McpToolDefinition;
};

/** `missing`: what the job names and nothing stands for now, in its own words. */
export async function mcpToolsFor(
  db: Database,
  { names, nodeIds }: { names: readonly string[]; nodeIds: readonly string[] },
): Promise<{ tools: RunMcpTool[]; missing: string[] }> {
  const named = names.filter((name) => splitTool(name) !== undefined);
  if (named.length === 0) return { tools: [], missing: [] };
  const rows = await db
    .select({ server: mcpServers, tool: mcpTools })
    .from(mcpTools)
    .innerJoin(mcpServers, eq(mcpServers.id, mcpTools.serverId))
    .where(inArray(mcpServers.nodeId, [...nodeIds]))
    .orderBy(asc(mcpServers.createdAt), asc(mcpTools.name));
  const tools = rows.flatMap(({ server, tool }): RunMcpTool[] => {
    const { approved, approvedHash, seen, blocked, name } = tool;
    const qualified = qualifiedTool(server.name, name);
    const isNamed = named.some((one) => one === qualified || one === qualifiedTool(server.name, "*"));
    // One that changed is there as it was approved: its call is what asks a person.
    if (!isNamed || approved === null || approvedHash === null || seen === null || blocked) return [];
    return [
      { qualified, server: server.id, tool: name, nodeId: server.nodeId, pin: approvedHash, definition: approved },
    ];
  });
  const isThere = (one: string): boolean => {
    const { server, tool } = splitTool(one) ?? { server: "", tool: "" };
    return tools.some(({ qualified }) => (tool === "*" ? qualified.startsWith(`${server}/`) : qualified === one));
  };
  return { tools, missing: named.filter((one) => !isThere(one)) };
}
