/** What lies in a node's trash, the newest first. Only the node knows. Throws `node_offline`. */
import { TrashEntry } from "@roundhouse/protocol/api/trash";
import * as z from "zod";
import type { Context } from "../context.ts";
import { askAgent, tooOld } from "../node/ask-agent.ts";
import { readNode } from "../node/find.ts";
import { TRASH } from "./entry.ts";

const TrashList = z.object({ items: z.array(TrashEntry) });

export async function listTrash(ctx: Context, nodeId: string): Promise<TrashEntry[]> {
  await readNode(ctx.db, nodeId);
  const list = await askAgent(ctx, nodeId, TRASH, TrashList);
  if (!list) throw tooOld("the trash");
  return list.items;
}
