/** Changes an instance's wish by compare-and-set on its generation, then hints to its node and to open dashboards. */
import { and, eq, sql } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import { instances } from "../../db/instances.ts";
import type { Context } from "../context.ts";
import { ServiceError } from "../error.ts";
import { publishChange } from "../feed/publish.ts";
import { pokeNode } from "../node/poke.ts";
import { readInstance } from "./read.ts";
import type { InstanceRow } from "./status.ts";
import { areKept } from "./variables.ts";

const ATTEMPTS = 5;

export type InstanceChange = Partial<typeof instances.$inferInsert>;
/** What goes with the change in one transaction. It must do nothing where the change itself was not made. */
export type Along = (before: InstanceRow, change: InstanceChange) => Promise<BatchItem<"sqlite">[]>;
/** Looks at the row as it is and says what to change; undefined changes nothing. It may be asked again after a conflict. */
export type Decide = (row: InstanceRow) => InstanceChange | undefined | Promise<InstanceChange | undefined>;

/** Answers the row afterwards. Throws `conflict` when others keep changing it at the same moment. */
export async function changeInstance(ctx: Context, id: string, decide: Decide, along?: Along): Promise<InstanceRow> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const row = await readInstance(ctx.db, id);
    const change = await decide(row);
    if (!change) return row;
    const changed = await compareAndSet(ctx, row, change, along);
    if (!changed) continue;
    await pokeNode(ctx, changed.nodeId);
    await publishChange(ctx, "instance", id);
    return changed;
  }
  throw new ServiceError("conflict", "The instance is being changed by others at the same moment.", {
    hint: "Look at what it became, and try again.",
  });
}

/** For verbs that make no sense on a tombstone. Throws `not_found`. */
export function refuseTombstone(row: InstanceRow): void {
  if (row.desired !== "deleted") return;
  throw new ServiceError("not_found", `${JSON.stringify(row.name)} is being deleted.`, {
    hint: "It disappears when its node has confirmed.",
  });
}

async function compareAndSet(
  ctx: Context,
  row: InstanceRow,
  change: InstanceChange,
  along: Along | undefined,
): Promise<InstanceRow | undefined> {
  const isAsRead = and(eq(instances.id, row.id), eq(instances.generation, row.generation));
  const update = ctx.db
    .update(instances)
    .set({ ...change, generation: sql`${instances.generation} + 1`, changedAt: ctx.now })
    .where(change.env ? and(isAsRead, areKept(row, change.env)) : isAsRead)
    .returning();
  const [changed] = await ctx.db.batch([update, ...((await along?.(row, change)) ?? [])]);
  return changed[0];
}
