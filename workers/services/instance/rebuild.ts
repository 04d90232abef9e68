/** Makes what an instance installed anew: its environment (`rebuild`), its script (`update`), or all of it (`reset`). */
import { and, eq, isNull } from "drizzle-orm";
import type { Instance } from "@roundhouse/protocol/api/instance";
import { instances } from "../../db/instances.ts";
import { findBlueprint } from "../blueprint/catalogue.ts";
import type { Context } from "../context.ts";
import { ServiceError } from "../error.ts";
import { changeBlueprint, passToSatellites } from "./blueprint.ts";
import { changeInstance, type InstanceChange, refuseTombstone } from "./change.ts";
import { requireNeedsOf } from "./needs.ts";
import { showInstance } from "./read.ts";
import type { InstanceRow } from "./status.ts";

/** The environment, before the next launch; a running app is launched anew. Throws `is_satellite`, `conflict`. */
export async function rebuildInstance(ctx: Context, id: string): Promise<Instance> {
  const row = await changeInstance(ctx, id, async (current) => {
    await refuseSharedUse(ctx, current, "rebuilt");
    return { rebuilds: current.rebuilds + 1, ...relaunched(current) };
  });
  return showInstance(ctx, row);
}

/** All but its outputs and what a person put beside it, at once; then it installs as for the first time. */
export async function resetInstance(ctx: Context, id: string): Promise<Instance> {
  const row = await changeInstance(ctx, id, async (current) => {
    await refuseSharedUse(ctx, current, "reset");
    const change = { resets: current.resets + 1, firstStartedAt: null, ...relaunched(current) };
    if (change.epoch !== undefined) await requireNeedsOf(ctx, { ...current, firstStartedAt: null });
    return change;
  });
  return showInstance(ctx, row);
}

/** The newest source of its blueprint; a running app is launched anew, which is when scripts fetch what is new. */
export async function updateInstance(ctx: Context, id: string): Promise<Instance> {
  const row = await changeInstance(
    ctx,
    id,
    async (current) => {
      refuseTombstone(current);
      refuseSatellite(current, "updated");
      // One that was made from a blueprint which is gone keeps the source it has.
      const blueprint = await findBlueprint(ctx.db, current.blueprintName);
      const change = blueprint ? await changeBlueprint(ctx, current, blueprint.name) : {};
      return { ...change, ...relaunched(current) };
    },
    async (current, change) => passToSatellites(ctx, current, change),
  );
  return showInstance(ctx, row);
}

function relaunched(row: InstanceRow): Pick<InstanceChange, "epoch"> {
  return row.desired === "running" ? { epoch: row.epoch + 1 } : {};
}

function refuseSatellite({ parentId, name }: InstanceRow, done: string): void {
  if (parentId === null) return;
  throw new ServiceError("is_satellite", `${JSON.stringify(name)} is a satellite and cannot be ${done}.`, {
    hint: "It runs from its parent's installation: do that with the parent.",
    details: { parent: parentId },
  });
}

/** Nobody may work in the installation that is taken away. */
async function refuseSharedUse(ctx: Context, row: InstanceRow, done: string): Promise<void> {
  refuseTombstone(row);
  refuseSatellite(row, done);
  const isRunning = and(eq(instances.parentId, row.id), eq(instances.desired, "running"), isNull(instances.deletedAt));
  const satellites = await ctx.db.select({ name: instances.name }).from(instances).where(isRunning);
  if (satellites.length === 0) return;
  const names = satellites.map(({ name }) => JSON.stringify(name)).join(", ");
  const message = `${JSON.stringify(row.name)} cannot be ${done} while its satellites run: ${names}.`;
  throw new ServiceError("conflict", message, {
    hint: "Stop these first: they work in the same installation.",
    details: { satellites: satellites.map(({ name }) => name) },
  });
}
