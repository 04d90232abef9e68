/** A node's word that something of an MCP server changed: dashboards are told, and another list of tools is read (SPEC MC5). */
import { and, eq } from "drizzle-orm";
import type { AgentMcpChanged } from "@roundhouse/protocol/messages";
import { mcpServers } from "../../db/mcp-servers.ts";
import type { Env } from "../../env.ts";
import { makeContext } from "../context.ts";
import { publishChange } from "../feed/publish.ts";
import { learnSeenTools } from "./learn.ts";

/** Never rejects: it is said again with the next change, and with each new link. */
export async function takeMcpHint(env: Env, nodeId: string, { server: id, tools }: AgentMcpChanged): Promise<void> {
  const ctx = makeContext(env, { type: "node", nodeId, name: nodeId });
  try {
    const isItsOwn = and(eq(mcpServers.id, id), eq(mcpServers.nodeId, nodeId));
    const [server] = await ctx.db.select().from(mcpServers).where(isItsOwn);
    if (!server) return;
    if (tools !== null && tools !== server.toolsDigest) await learnSeenTools(ctx, server);
    else await publishChange(ctx, "mcp-server", id);
  } catch (error) {
    console.warn(`node ${nodeId}: the tools of its MCP server ${id} were not read:`, error);
  }
}
