/** The blueprint of an instance that is there already: another one, or the newest of the one it has. */
import { eq, sql } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import { instances } from "../../db/instances.ts";
import { findBlueprint } from "../blueprint/catalogue.ts";
import { digestOf, pinSource } from "../blueprint/source.ts";
import type { Context } from "../context.ts";
import { ServiceError } from "../error.ts";
import { readNode } from "../node/find.ts";
import type { InstanceChange } from "./change.ts";
import { installedBytesOf, requireNeeds } from "./needs.ts";
import type { InstanceRow } from "./status.ts";

/** Nothing when it has that very source. Its source is pinned at once. Throws `unknown_blueprint`, `is_satellite`, `node_lacks`. */
export async function changeBlueprint(ctx: Context, row: InstanceRow, reference: string): Promise<InstanceChange> {
  const found = await findBlueprint(ctx.db, reference);
  if (!found) {
    throw new ServiceError("unknown_blueprint", `blueprint: there is no blueprint ${JSON.stringify(reference)}.`, {
      hint: "Give the id or the name of a blueprint from GET /api/blueprints.",
    });
  }
  const { name, kind, source } = found;
  const digest = await digestOf(source);
  if (digest === row.blueprintDigest && name === row.blueprintName) return {};
  if (row.parentId !== null) throw ofParent(row, reference);
  if (kind !== row.blueprintKind) throw ofAnotherKind(row, name, kind);
  const installedBytes = installedBytesOf(row);
  const node = await readNode(ctx.db, row.nodeId);
  await requireNeeds(ctx, node, { blueprint: { name, kind, source }, gpuIds: row.gpuIds, installedBytes });
  await pinSource(ctx.db, { digest, name, kind, source });
  return { blueprintName: name, blueprintDigest: digest };
}

/** A satellite runs from its parent's script. */
export function passToSatellites({ db }: Context, parent: InstanceRow, change: InstanceChange): BatchItem<"sqlite">[] {
  const { blueprintName, blueprintDigest } = change;
  if (blueprintName === undefined || blueprintDigest === undefined) return [];
  const isMade = sql`EXISTS (SELECT 1 FROM instances AS parent
    WHERE parent.id = ${parent.id} AND parent.blueprint_digest = ${blueprintDigest})`;
  return [
    db
      .update(instances)
      .set({ blueprintName, blueprintDigest, generation: sql`${instances.generation} + 1` })
      .where(sql`${eq(instances.parentId, parent.id)} AND ${isMade}`),
  ];
}

function ofParent({ parentId, name }: InstanceRow, reference: string): ServiceError {
  const message = `blueprint: ${JSON.stringify(reference)} cannot be set on ${JSON.stringify(name)}, which is a satellite.`;
  return new ServiceError("is_satellite", message, {
    hint: "It runs from its parent's installation. Change the parent instead.",
    details: { field: "blueprint", parent: parentId },
  });
}

function ofAnotherKind(row: InstanceRow, name: string, kind: string): ServiceError {
  const message = `blueprint: ${JSON.stringify(name)} is of the kind ${kind}, and ${JSON.stringify(row.name)} of the kind ${row.blueprintKind}.`;
  return new ServiceError("conflict", message, { hint: "Make another instance of it instead." });
}
