/** Makes a copy of an instance on its node: an installation of its own, whose environment works where it lies. */
import type { CopyInstance, Instance } from "@roundhouse/protocol/api/instance";
import type { Context } from "../context.ts";
import { ServiceError } from "../error.ts";
import { readNode } from "../node/find.ts";
import { addInstance, type NewSpec } from "./add.ts";
import { refuseTombstone } from "./change.ts";
import { readSource } from "./needs.ts";
import { readInstance } from "./read.ts";
import type { InstanceRow } from "./status.ts";
import { requireMayBind } from "./variables.ts";

/**
 * Whoever may copy may have what the original has, secrets included: a copy runs on the same node, for the same people.
 * Throws `is_satellite` for one that has no installation of its own, `not_installed`, `forbidden`, and as `addInstance`.
 */
export async function copyInstance(ctx: Context, id: string, input: CopyInstance): Promise<Instance> {
  const original = await readInstance(ctx.db, id);
  refuseTombstone(original);
  refuseSatellite(original);
  if (original.observedEpoch === null && original.origin === null) throw notInstalled(original);
  requireMayBind(ctx, input.env ?? [], original.env);
  const { gpuIds, restartPolicy, pythonVersion, cudaVersion, torchVersion, env } = original;
  const spec: NewSpec = {
    ...{ gpuIds, restartPolicy, pythonVersion, cudaVersion, torchVersion, env },
    ...input,
    // Where outputs go is not copied; a host name, and a fixed number of a port, can be had once.
    outputPath: null,
    hostname: null,
    ports: original.ports.map((one) => (one.env === null ? one : { ...one, port: null })),
  };
  const place = { node: await readNode(ctx.db, original.nodeId), parent: null };
  return addInstance(ctx, spec, await readSource(ctx, original), { ...place, origin: { kind: "copy", of: id } });
}

function refuseSatellite({ parentId, name }: InstanceRow): void {
  if (parentId === null) return;
  throw new ServiceError("is_satellite", `${JSON.stringify(name)} is a satellite: it has no installation to copy.`, {
    hint: "Copy its parent, or make another satellite.",
    details: { parent: parentId },
  });
}

function notInstalled({ name }: InstanceRow): ServiceError {
  return new ServiceError("not_installed", `${JSON.stringify(name)} was never started, so there is nothing to copy.`, {
    hint: "Start it first, or make another instance of its blueprint.",
  });
}
