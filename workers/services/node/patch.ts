/** Changes a node's name, labels or policy. */
import { eq } from "drizzle-orm";
import type { Node, PatchNode } from "@roundhouse/protocol/api";
import { nodes } from "../../db/nodes.ts";
import type { Context } from "../context.ts";
import { isUniqueViolation, ServiceError } from "../error.ts";
import { publishChange } from "../feed/publish.ts";
import { readNode } from "./find.ts";
import { getNode } from "./get.ts";
import { checkCeiling } from "./policy.ts";
import { pokeNode } from "./poke.ts";

export async function patchNode(ctx: Context, id: string, input: PatchNode): Promise<Node> {
  const { policyCeiling } = await readNode(ctx.db, id);
  if (input.policy) checkCeiling(input.policy, policyCeiling);
  if (Object.values(input).some((value) => value !== undefined)) await update(ctx, id, input);
  await pokeNode(ctx, id);
  await publishChange(ctx, "node", id);
  return getNode(ctx, id);
}

async function update(ctx: Context, id: string, { name, labels, policy }: PatchNode): Promise<void> {
  try {
    await ctx.db.update(nodes).set({ name, labels, policy }).where(eq(nodes.id, id));
  } catch (error) {
    if (!isUniqueViolation(error, "nodes_name")) throw error;
    throw new ServiceError("name_taken", `name: another node is called ${JSON.stringify(name)} already.`, {
      hint: "Names are compared without regard to case. Choose another one.",
      cause: error,
    });
  }
}
