/** What rebuild, update and reset have in common: whose installation it is, and that nobody else works in it. */
import { and, eq, isNull } from "drizzle-orm";
import { instances } from "../../db/instances.ts";
import type { Context } from "../context.ts";
import { ServiceError } from "../error.ts";
import { type InstanceChange, refuseTombstone } from "./change.ts";
import type { InstanceRow } from "./status.ts";

/** A running app is launched anew; one at rest stays so. */
export function relaunched(row: InstanceRow): Pick<InstanceChange, "epoch"> {
  return row.desired === "running" ? { epoch: row.epoch + 1 } : {};
}

/** `done` is what was asked for, as a participle. Throws `is_satellite`. */
export function refuseSatellite({ parentId, name }: InstanceRow, done: string): void {
  if (parentId === null) return;
  throw new ServiceError("is_satellite", `${JSON.stringify(name)} is a satellite and cannot be ${done}.`, {
    hint: "It runs from its parent's installation: do that with the parent.",
    details: { parent: parentId },
  });
}

/** Nobody may work in the installation that is taken away. Throws `is_satellite`, and `conflict` with who does. */
export async function refuseSharedUse(ctx: Context, row: InstanceRow, done: string): Promise<void> {
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
