/** Empties a node's trash: all that its agent put there. Throws `node_offline`. */
import { TrashRemoved } from "@roundhouse/protocol/api/trash";
import type { Context } from "../context.ts";
import { askAgent, tooOld } from "../node/ask-agent.ts";
import { readNode } from "../node/find.ts";
import { TRASH } from "./entry.ts";

export async function emptyTrash(ctx: Context, nodeId: string): Promise<TrashRemoved> {
  await readNode(ctx.db, nodeId);
  const removed = await askAgent(ctx, nodeId, TRASH, TrashRemoved, "DELETE");
  if (!removed) throw tooOld("the trash");
  return removed;
}
