/** Changes a node's name, labels, policy or ports, and says whether its apps may have URLs. */
import { eq } from "drizzle-orm";
import type { Node, PatchNode } from "@roundhouse/protocol/api/node";
import { nodes } from "../../db/nodes.ts";
import type { Context } from "../context.ts";
import { isUniqueViolation, ServiceError } from "../error.ts";
import { publishChange } from "../feed/publish.ts";
import { draftConfirmation, endForbiddenApps } from "./app-urls.ts";
import { readNode } from "./find.ts";
import { getNode } from "./get.ts";
import { checkCeiling } from "./policy.ts";
import { pokeNode } from "./poke.ts";
import { refuseStrandedPorts } from "./port-pool.ts";
import type { NodeRow } from "./show.ts";

export async function patchNode(ctx: Context, id: string, input: PatchNode): Promise<Node> {
  const row = await readNode(ctx.db, id);
  if (input.policy) checkCeiling(input.policy, row.policyCeiling);
  const { appUrlsConfirmed, ...rest } = input;
  const appsConfirmation =
    appUrlsConfirmed === undefined ? undefined : await draftConfirmation(ctx, row, appUrlsConfirmed);
  if (input.portPool) await refuseStrandedPorts(ctx, row, input.portPool);
  const change = { ...rest, appsConfirmation };
  if (Object.values(change).some((value) => value !== undefined)) await update(ctx, id, change);
  if (appUrlsConfirmed === false) await endForbiddenApps(ctx, id);
  await pokeNode(ctx, id);
  await publishChange(ctx, "node", id);
  return getNode(ctx, id);
}

type Change = Omit<PatchNode, "appUrlsConfirmed"> & Partial<Pick<NodeRow, "appsConfirmation">>;

async function update(ctx: Context, id: string, change: Change): Promise<void> {
  const { name, labels, policy, portPool, appsConfirmation } = change;
  const pool = { portFirst: portPool?.first, portLast: portPool?.last };
  try {
    await ctx.db
      .update(nodes)
      .set({ name, labels, policy, ...pool, appsConfirmation })
      .where(eq(nodes.id, id));
  } catch (error) {
    if (!isUniqueViolation(error, "nodes_name")) throw error;
    throw new ServiceError("name_taken", `name: another node is called ${JSON.stringify(name)} already.`, {
      hint: "Names are compared without regard to case. Choose another one.",
      cause: error,
    });
  }
}
