/** What lies in a node's trash, which only the node knows; taking it away, and making an instance of it again. */
import type { Instance } from "@roundhouse/protocol/api/instance";
import { type RestoreTrash, TrashedInstance, TrashEntry, TrashRemoved } from "@roundhouse/protocol/api/trash";
import * as z from "zod";
import type { Context } from "../context.ts";
import { ServiceError } from "../error.ts";
import { addInstance } from "../instance/add.ts";
import { askAgent, tooOld } from "./ask-agent.ts";
import { readNode } from "./find.ts";

const TrashList = z.object({ items: z.array(TrashEntry) });

/** The newest first. Throws `node_offline`. */
export async function listTrash(ctx: Context, nodeId: string): Promise<TrashEntry[]> {
  await readNode(ctx.db, nodeId);
  const list = await askAgent(ctx, nodeId, "/agent/trash", TrashList);
  if (!list) throw tooOld("the trash");
  return list.items;
}

/** For good. Throws `not_found`. */
export async function removeFromTrash(ctx: Context, nodeId: string, entry: string): Promise<void> {
  await readNode(ctx.db, nodeId);
  const removed = await askAgent(ctx, nodeId, pathOf(entry), TrashRemoved, "DELETE");
  if (!removed) throw noEntry(entry);
}

export async function emptyTrash(ctx: Context, nodeId: string): Promise<TrashRemoved> {
  await readNode(ctx.db, nodeId);
  const removed = await askAgent(ctx, nodeId, "/agent/trash", TrashRemoved, "DELETE");
  if (!removed) throw tooOld("the trash");
  return removed;
}

/** A new instance, as the old one was. Its ports and GPUs may be somebody else's by now: a fixed port is not asked for. */
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
  const { gpuIds, autostart, outputPath, restartPolicy, pythonVersion, cudaVersion, torchVersion, ports } = desired;
  const spec = {
    ...{ gpuIds, autostart, restartPolicy, pythonVersion, cudaVersion, torchVersion, ports },
    name: name ?? desired.name,
    // Its outputs stayed where they were, under its old name.
    outputPath: outputPath ?? (name === undefined ? null : desired.name),
    port: null,
    start: false,
  };
  const { name: blueprint, kind } = desired.blueprint;
  const origin = { kind: "trash" as const, entry };
  return addInstance(ctx, spec, { name: blueprint, kind, source }, { node, parent: null, origin });
}

function pathOf(entry: string): string {
  return `/agent/trash/${encodeURIComponent(entry)}`;
}

function noEntry(entry: string): ServiceError {
  return new ServiceError("not_found", `There is no ${JSON.stringify(entry)} in the trash of this node.`, {
    hint: "Look at the list again: somebody may have restored or removed it.",
  });
}

function notRestorable(name: string, source: string | null): ServiceError {
  const why = source === null ? "the source of its blueprint is not there" : "it was a satellite";
  return new ServiceError("conflict", `${JSON.stringify(name)} cannot be restored: ${why}.`, {
    hint: "Its files are in the node's trash folder until they are removed there.",
  });
}
