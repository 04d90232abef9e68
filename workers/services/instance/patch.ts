/** Changes an instance's spec. What concerns the running app takes effect at its next launch. */
import type { Instance, PatchInstance } from "@roundhouse/protocol/api/instance";
import type { Context } from "../context.ts";
import { isUniqueViolation } from "../error.ts";
import { readNode } from "../node/find.ts";
import { changeInstance, refuseTombstone } from "./change.ts";
import { nameTaken, refuseTakenName } from "./name.ts";
import { checkPort, findHolder, portTaken } from "./port.ts";
import { readInstance, showInstance } from "./read.ts";
import { refuseSharedFields } from "./satellite.ts";
import type { InstanceRow } from "./status.ts";

/** The slug stays, so that URLs do. */
export async function patchInstance(ctx: Context, id: string, input: PatchInstance): Promise<Instance> {
  try {
    const row = await changeInstance(ctx, id, async (current) => {
      refuseTombstone(current);
      if (!differs(current, input)) return undefined;
      refuseSharedFields(current, input);
      await check(ctx, current, input);
      return input;
    });
    return await showInstance(ctx, row);
  } catch (error) {
    throw await explain(ctx, id, input, error);
  }
}

async function check(ctx: Context, current: InstanceRow, { name, port }: PatchInstance): Promise<void> {
  if (name !== undefined) await refuseTakenName(ctx.db, name, current.id);
  if (port === undefined || port === null || port === current.port) return;
  await checkPort(ctx.db, await readNode(ctx.db, current.nodeId), port, current.id);
}

function differs(row: InstanceRow, input: PatchInstance): boolean {
  return Object.entries(input).some(([field, value]) => {
    return value !== undefined && JSON.stringify(row[field as keyof PatchInstance]) !== JSON.stringify(value);
  });
}

/** A unique index speaks when somebody took the name or port between our check and our write. */
async function explain(ctx: Context, id: string, { name, port }: PatchInstance, error: unknown): Promise<unknown> {
  if (name !== undefined && isUniqueViolation(error, "instances_name")) return nameTaken(name, error);
  if (typeof port === "number" && isUniqueViolation(error, "instances.port")) {
    const { nodeId } = await readInstance(ctx.db, id);
    return portTaken(port, await findHolder(ctx.db, nodeId, port, id), error);
  }
  return error;
}
