/** Deletes an instance: a tombstone, which stays until the node confirms that nothing is left. */
import { and, eq, isNull } from "drizzle-orm";
import type { DeleteInstance, Instance } from "@roundhouse/protocol/api/instance";
import { instances } from "../../db/instances.ts";
import { shares } from "../../db/shares.ts";
import { attempt } from "../attempt.ts";
import type { Context } from "../context.ts";
import { ServiceError } from "../error.ts";
import { nodeHub } from "../objects.ts";
import { changeInstance } from "./change.ts";
import { showInstance } from "./read.ts";
import type { InstanceRow } from "./status.ts";

/** Asking again is harmless, and may still turn `trash` into `permanent`. */
export async function deleteInstance(ctx: Context, id: string, { mode }: DeleteInstance): Promise<Instance> {
  const row = await changeInstance(ctx, id, async (current) => {
    if (current.desired === "deleted" && (current.deleteMode === mode || mode === "trash")) return undefined;
    await refuseWithSatellites(ctx, current);
    return { desired: "deleted", deleteMode: mode, hostname: null, deletedAt: current.deletedAt ?? ctx.now };
  });
  await endOpenUse(ctx, row);
  return showInstance(ctx, row);
}

async function refuseWithSatellites(ctx: Context, { id, name }: InstanceRow): Promise<void> {
  const isSatellite = and(eq(instances.parentId, id), isNull(instances.deletedAt));
  const satellites = await ctx.db.select({ name: instances.name }).from(instances).where(isSatellite);
  if (satellites.length === 0) return;
  const names = satellites.map((satellite) => JSON.stringify(satellite.name)).join(", ");
  throw new ServiceError("has_satellites", `${JSON.stringify(name)} has the satellites ${names}.`, {
    hint: "Delete these first.",
    details: { satellites: satellites.map((satellite) => satellite.name) },
  });
}

/** Its shares, grants and open streams end now, not when the node gets to it. */
async function endOpenUse(ctx: Context, { id, nodeId }: InstanceRow): Promise<void> {
  await ctx.db.delete(shares).where(eq(shares.instanceId, id));
  const failure = await attempt(() => nodeHub(ctx.env, nodeId).revoke({ by: "instance", instanceId: id }));
  if (failure !== undefined) console.error(`streams of ${id} not ended`, failure);
}
