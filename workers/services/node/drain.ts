/** Sends every connected node away for a while, each for a time of its own (SPEC DR1, DR4): before a deploy, at the end of a start. */
import { eq } from "drizzle-orm";
import type { Drain, Drained } from "@roundhouse/protocol/api/node";
import { nodes } from "../../db/nodes.ts";
import type { Context } from "../context.ts";
import { nodeHub } from "../objects.ts";

/** How many come back at once is what a control plane that has just begun must bear. */
const RETURNS_PER_SECOND = 200;
const TOLD_AT_ONCE = 100;

export async function drainNodes(ctx: Context, { reconnectAfterMs, graceMs }: Drain): Promise<Drained> {
  const connected = await ctx.db.select({ id: nodes.id }).from(nodes).where(eq(nodes.online, true));
  const spreadMs = spreadOf(connected.length);
  let told = 0;
  for (let at = 0; at < connected.length; at += TOLD_AT_ONCE) {
    const some = connected.slice(at, at + TOLD_AT_ONCE);
    const answers = await Promise.all(
      some.map(({ id }) => tell(ctx, id, reconnectAfterMs + Math.floor(Math.random() * spreadMs), graceMs)),
    );
    told += answers.filter(Boolean).length;
  }
  return { nodes: told, backWithinMs: graceMs + reconnectAfterMs + spreadMs };
}

/** Over how long the nodes come back (ms). */
export function spreadOf(nodeCount: number): number {
  return Math.ceil(nodeCount / RETURNS_PER_SECOND) * 1000;
}

/** A node that cannot be told dials again by itself when its link breaks. */
async function tell(ctx: Context, nodeId: string, reconnectAfterMs: number, graceMs: number): Promise<boolean> {
  try {
    return await nodeHub(ctx.env, nodeId).drain(reconnectAfterMs, graceMs);
  } catch (error) {
    console.error(`hub of ${nodeId} could not be drained`, error);
    return false;
  }
}
