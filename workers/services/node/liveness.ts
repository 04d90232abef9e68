/** Asks the hubs of nodes that D1 believes online when they were last heard, so that a silent loss shows at once. */
import type { Context } from "../context.ts";
import { nodeHub } from "../objects.ts";

type Believed = { id: string; online: boolean };

/** The ids of those that are really online. A hub that does not answer is taken as D1 says. */
export async function onlineNodes(ctx: Context, believed: Iterable<Believed>): Promise<Set<string>> {
  const candidates = new Map([...believed].map((node) => [node.id, node]));
  const asked = [...candidates.values()].filter((node) => node.online);
  const answers = await Promise.all(asked.map(async ({ id }) => ({ id, online: await isOnline(ctx, id) })));
  return new Set(answers.filter((answer) => answer.online).map((answer) => answer.id));
}

async function isOnline(ctx: Context, nodeId: string): Promise<boolean> {
  try {
    return (await nodeHub(ctx.env, nodeId).checkLink()).online;
  } catch (error) {
    console.error(`hub of ${nodeId} did not answer`, error);
    return true;
  }
}
