/** The last hour of a node's stats, which only the node itself keeps. */
import { NodeStats } from "@roundhouse/protocol/api/node";
import type { Context } from "../context.ts";
import { askAgent } from "./ask-agent.ts";
import { readNode } from "./find.ts";

export async function readNodeStats(ctx: Context, id: string): Promise<NodeStats> {
  await readNode(ctx.db, id);
  return (await askAgent(ctx, id, "/agent/stats", NodeStats)) ?? { items: [] };
}
