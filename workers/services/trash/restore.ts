/**
 * Makes a new instance of what lies in a node's trash, as the old one was. Its port may be somebody else's by now: a fixed
 * one is not asked for. Throws `not_found`, `conflict` for what cannot be restored, and as `addInstance`.
 */
import type { Instance } from "@roundhouse/protocol/api/instance";
import { type RestoreTrash, TrashedInstance } from "@roundhouse/protocol/api/trash";
import { DeclaredPorts } from "@roundhouse/protocol/ports";
import { type EnvironmentVariable, EnvironmentVariables } from "@roundhouse/protocol/variables";
import type { Context } from "../context.ts";
import { ServiceError } from "../error.ts";
import { addInstance } from "../instance/add.ts";
import { askAgent } from "../node/ask-agent.ts";
import { readNode } from "../node/find.ts";
import { noEntry, pathOf } from "./entry.ts";

export async function restoreFromTrash(
  ctx: Context,
  nodeId: string,
  entry: string,
  { name }: RestoreTrash,
): Promise<Instance> {
  const node = await readNode(ctx.db, nodeId);
  const found = await askAgent(ctx, nodeId, pathOf(entry), TrashedInstance);
  if (!found) throw noEntry(entry);
  const { desired, source } = found;
  if (desired.parent !== null || source === null) throw notRestorable(desired.name, source);
  const { gpuIds, autostart, outputPath, restartPolicy, pythonVersion, cudaVersion, torchVersion } = desired;
  const spec = {
    ...{ gpuIds, autostart, restartPolicy, pythonVersion, cudaVersion, torchVersion },
    ports: DeclaredPorts.catch([]).parse(desired.ports),
    name: name ?? desired.name,
    // Its outputs stayed where they were, under its old name.
    outputPath: outputPath ?? (name === undefined ? null : desired.name),
    port: null,
    hostname: null,
    env: EnvironmentVariables.catch([]).parse(desired.env.filter(mayComeBack)),
    start: false,
  };
  const { name: blueprint, kind } = desired.blueprint;
  const origin = { kind: "trash" as const, entry };
  return addInstance(ctx, spec, { name: blueprint, kind, source }, { node, parent: null, origin });
}

/** What a node says binds no secret: that is for a person to do anew. Nor does it set what a person could not. */
function mayComeBack(variable: EnvironmentVariable): boolean {
  return variable.secret === undefined && EnvironmentVariables.safeParse([variable]).success;
}

function notRestorable(name: string, source: string | null): ServiceError {
  const why = source === null ? "the source of its blueprint is not there" : "it was a satellite";
  return new ServiceError("conflict", `${JSON.stringify(name)} cannot be restored: ${why}.`, {
    hint: "Its files are in the node's trash folder until they are removed there.",
  });
}
