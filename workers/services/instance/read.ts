/** Finds instances by id, and shows them with what is known of their node. */
import { eq, inArray } from "drizzle-orm";
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { Database } from "../../db/database.ts";
import { instances } from "../../db/instances.ts";
import { nodes } from "../../db/nodes.ts";
import type { Context } from "../context.ts";
import { ServiceError } from "../error.ts";
import { onlineNodes } from "../node/liveness.ts";
import { toInstance } from "./show.ts";
import type { InstanceRow } from "./status.ts";

/** Throws `not_found`. A tombstone is found until its node confirmed. */
export async function readInstance(db: Database, id: string): Promise<InstanceRow> {
  const [row] = await db.select().from(instances).where(eq(instances.id, id));
  if (row) return row;
  throw noInstance(id);
}

export function noInstance(reference: string): ServiceError {
  return new ServiceError("not_found", `There is no instance ${JSON.stringify(reference)}.`, {
    hint: "GET /api/instances lists them.",
  });
}

export async function showInstance(ctx: Context, row: InstanceRow): Promise<Instance> {
  const online = await onlineNodesOf(ctx, [row]);
  return toInstance(ctx.env, row, online.has(row.nodeId));
}

/** Which nodes of these instances are online. */
export async function onlineNodesOf(ctx: Context, rows: readonly InstanceRow[]): Promise<Set<string>> {
  const believed = await readBelieved(ctx.db, [...new Set(rows.map((row) => row.nodeId))]);
  return onlineNodes(ctx, believed);
}

/** D1 takes 100 parameters a query. */
const IDS_PER_QUERY = 90;

async function readBelieved(db: Database, ids: string[]) {
  const found: { id: string; online: boolean }[] = [];
  for (let at = 0; at < ids.length; at += IDS_PER_QUERY) {
    const some = inArray(nodes.id, ids.slice(at, at + IDS_PER_QUERY));
    found.push(...(await db.select({ id: nodes.id, online: nodes.online }).from(nodes).where(some)));
  }
  return found;
}
