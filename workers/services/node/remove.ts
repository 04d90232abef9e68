/** Removes a node from the pool: its key stops working at once, its link closes for good, its instances' rows go. */
import { eq } from "drizzle-orm";
import { nodes } from "../../db/nodes.ts";
import { attempt } from "../attempt.ts";
import { dropUnusedSources } from "../blueprint/source.ts";
import type { Context } from "../context.ts";
import { publishChange } from "../feed/publish.ts";
import { nodeHub } from "../objects.ts";
import { readNode } from "./find.ts";

/** Nothing on the node's own disk is touched. */
export async function removeNode(ctx: Context, id: string): Promise<void> {
  await readNode(ctx.db, id);
  await ctx.db.delete(nodes).where(eq(nodes.id, id));
  const failure = await attempt(() => nodeHub(ctx.env, id).remove());
  if (failure !== undefined) console.error(`hub of the removed ${id} did not answer`, failure);
  await dropUnusedSources(ctx.db);
  await publishChange(ctx, "node", id);
  await publishChange(ctx, "instance", null);
}
