/** Refuses a launch that this node could not carry, before anything is made on disk (SPEC RC8). */
import { needsOf } from "@roundhouse/protocol/blueprint";
import type { Facts } from "@roundhouse/protocol/facts";
import type { DesiredInstance } from "@roundhouse/protocol/instance";
import { describeLacks, lacksOf } from "@roundhouse/protocol/needs";
import { LaunchError } from "../blueprints/runtime.ts";
import type { DataRoot } from "../host/data-root.ts";
import { cachedSource } from "./blueprint-cache.ts";
import { measureDisk } from "./disk-usage.ts";
import { folderOf } from "./removal.ts";
import type { InstanceState } from "./state-file.ts";

/** The control plane asked before, by facts that may have been older. Throws `LaunchError`. */
export async function checkNeeds(
  { root, facts }: { root: DataRoot; facts: () => Promise<Facts> },
  { blueprint, gpuIds }: DesiredInstance,
  state: InstanceState,
): Promise<void> {
  const needs = needsOf(blueprint.kind, (await cachedSource(root, blueprint.digest)) ?? "");
  const installedBytes = needs.diskBytes === null ? 0 : await installedBytesOf(root, state);
  const lacks = lacksOf(needs, await facts(), gpuIds, installedBytes);
  if (lacks.length === 0) return;
  throw new LaunchError(
    "node_lacks",
    `it cannot run on this node: it ${describeLacks(lacks)}`,
    "use another node, or give this one what it lacks",
  );
}

/** What its installation takes already; all of it once it has run. */
async function installedBytesOf(root: DataRoot, state: InstanceState): Promise<number> {
  if (state.everStarted) return Number.POSITIVE_INFINITY;
  return state.ownsFolder ? ((await measureDisk(folderOf(root, state.desired.folder))) ?? 0) : 0;
}
