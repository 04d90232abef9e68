/** Reads one node. */
import type { Node } from "@roundhouse/protocol/api/node";
import type { Context } from "../context.ts";
import { readNode } from "./find.ts";
import { onlineNodes } from "./liveness.ts";
import { toNode } from "./show.ts";

export async function getNode(ctx: Context, id: string): Promise<Node> {
  const row = await readNode(ctx.db, id);
  const online = await onlineNodes(ctx, [row]);
  return toNode({ ...row, online: online.has(id) });
}
