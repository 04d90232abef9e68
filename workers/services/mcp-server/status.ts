/** What has become of MCP servers: asked of their nodes at the moment somebody wants to know, and kept nowhere. */
import * as z from "zod";
import { McpStatus } from "@roundhouse/protocol/mcp";
import { nodes } from "../../db/nodes.ts";
import { inArray } from "drizzle-orm";
import type { Context } from "../context.ts";
import { askAgent } from "../node/ask-agent.ts";
import { onlineNodes } from "../node/liveness.ts";
import type { McpServerRow } from "./find.ts";

/** `agent`: what its node says; null: it says nothing of this server yet. */
export type Whereabouts = { nodeName: string; online: boolean; agent: McpStatus | null };

const Statuses = z.object({ items: z.array(McpStatus) });

/** By the server's id. A node that does not answer counts as one that is away. */
export async function whereaboutsOf(ctx: Context, servers: readonly McpServerRow[]): Promise<Map<string, Whereabouts>> {
  const ids = [...new Set(servers.map(({ nodeId }) => nodeId))];
  if (ids.length === 0) return new Map();
  const rows = await ctx.db
    .select({ id: nodes.id, name: nodes.name, online: nodes.online })
    .from(nodes)
    .where(inArray(nodes.id, ids));
  const online = await onlineNodes(ctx, rows);
  const told = new Map(await Promise.all(ids.map(async (id) => [id, await ask(ctx, id, online.has(id))] as const)));
  return new Map(
    servers.map(({ id, nodeId }) => {
      const items = told.get(nodeId) ?? null;
      const agent = items?.find((item) => item.id === id) ?? null;
      const nodeName = rows.find((row) => row.id === nodeId)?.name ?? nodeId;
      return [id, { nodeName, online: items !== null, agent }];
    }),
  );
}

async function ask(ctx: Context, nodeId: string, isOnline: boolean): Promise<McpStatus[] | null> {
  if (!isOnline) return null;
  try {
    return (await askAgent(ctx, nodeId, "/agent/mcp", Statuses))?.items ?? [];
  } catch (error) {
    console.warn(`MCP servers of ${nodeId} not read:`, error);
    return null;
  }
}
