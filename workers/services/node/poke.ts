/** Tells a node's hub to read D1 again. Only a hint: a lost one heals with the node's next hello or change. */
import type { Context } from "../context.ts";
import { nodeHub } from "../objects.ts";

export async function pokeNode(ctx: Context, nodeId: string): Promise<void> {
  try {
    await nodeHub(ctx.env, nodeId).poke();
  } catch (error) {
    console.error(`hub of ${nodeId} not poked`, error);
  }
}
