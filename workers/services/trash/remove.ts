/** Removes an entry of a node's trash for good. Throws `not_found`, `node_offline`. */
import { TrashRemoved } from "@roundhouse/protocol/api/trash";
import type { Context } from "../context.ts";
import { askAgent } from "../node/ask-agent.ts";
import { readNode } from "../node/find.ts";
import { noEntry, pathOf } from "./entry.ts";

export async function removeFromTrash(ctx: Context, nodeId: string, entry: string): Promise<void> {
  await readNode(ctx.db, nodeId);
  const removed = await askAgent(ctx, nodeId, pathOf(entry), TrashRemoved, "DELETE");
  if (!removed) throw noEntry(entry);
}
