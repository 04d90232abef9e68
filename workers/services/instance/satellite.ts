/** Makes a satellite: another instance that runs from its parent's installation, on the same node. */
import type { CreateSatellite, Instance, PatchInstance } from "@roundhouse/protocol/api/instance";
import type { Context } from "../context.ts";
import { ServiceError } from "../error.ts";
import { readNode } from "../node/find.ts";
import { addInstance } from "./add.ts";
import { refuseTombstone } from "./change.ts";
import { readSource } from "./needs.ts";
import { readInstance } from "./read.ts";
import type { InstanceRow } from "./status.ts";
import { requireMayBind } from "./variables.ts";

/** What a satellite has of its parent; its outputs bear its own name. */
const SHARED = { outputPath: null, pythonVersion: null, cudaVersion: null, torchVersion: null } as const;

/** Throws `is_satellite` when the parent is one itself, `conflict` when it is deleted meanwhile, and as `addInstance`. */
export async function createSatellite(ctx: Context, parentId: string, input: CreateSatellite): Promise<Instance> {
  requireMayBind(ctx, input.env);
  const parent = await readInstance(ctx.db, parentId);
  refuseTombstone(parent);
  if (parent.parentId !== null) throw await satelliteOfSatellite(ctx, parent, parent.parentId);
  const place = { node: await readNode(ctx.db, parent.nodeId), parent };
  return addInstance(
    ctx,
    { ...input, ...SHARED, ports: input.ports ?? parent.ports },
    await readSource(ctx, parent),
    place,
  );
}

/** Throws `is_satellite` for a change of what belongs to the parent. */
export function refuseSharedFields(row: InstanceRow, input: PatchInstance): void {
  if (row.parentId === null) return;
  for (const field of Object.keys(SHARED) as (keyof typeof SHARED)[]) {
    const value = input[field];
    if (value === undefined || value === row[field]) continue;
    throw new ServiceError("is_satellite", `${field}: ${JSON.stringify(value)} cannot be set on a satellite.`, {
      hint: "It runs from its parent's installation, and its outputs bear its own name. Change the parent instead.",
      details: { field, parent: row.parentId },
    });
  }
}

async function satelliteOfSatellite(ctx: Context, { name }: InstanceRow, rootId: string): Promise<ServiceError> {
  const root = await readInstance(ctx.db, rootId);
  return new ServiceError("is_satellite", `${JSON.stringify(name)} is a satellite itself.`, {
    hint: `Make another satellite of ${JSON.stringify(root.name)} instead.`,
    details: { parent: root.id },
  });
}
