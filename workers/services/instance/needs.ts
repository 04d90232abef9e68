/** Refuses a launch that the node could not carry, before it begins (SPEC RC8). The agent looks again with its own eyes. */
import { needsOf } from "@roundhouse/protocol/blueprint";
import type { Facts } from "@roundhouse/protocol/facts";
import type { BlueprintKind } from "@roundhouse/protocol/instance";
import { describeLacks, type Lack, lacksOf } from "@roundhouse/protocol/needs";
import { findSource, type PinnedSource } from "../blueprint/source.ts";
import type { Context } from "../context.ts";
import { ServiceError } from "../error.ts";
import { readNode } from "../node/find.ts";
import type { NodeRow } from "../node/show.ts";
import { readNodeStats } from "../node/stats.ts";
import type { InstanceRow } from "./status.ts";

export type Launch = {
  blueprint: { name: string; kind: BlueprintKind; source: string };
  gpuIds: readonly string[];
  /** What its installation takes already; all of it once it has run. */
  installedBytes: number;
};

/** Throws `node_lacks`. A node that never told its facts is left to its agent. */
export async function requireNeeds(ctx: Context, node: NodeRow, launch: Launch): Promise<void> {
  const { facts } = node;
  if (!facts) return;
  const { name, kind, source } = launch.blueprint;
  const needs = needsOf(kind, source);
  const look = (at: Facts) => lacksOf(needs, at, launch.gpuIds, launch.installedBytes);
  const known = look(facts);
  // Facts tell the free space of when the node came; what was made free since then counts.
  const lacks = known.some(({ need }) => need === "disk") ? look(await withSpaceNow(ctx, node, facts)) : known;
  if (lacks.length > 0) throw nodeLacks(name, node, lacks);
}

/** The same for an instance that is there already. */
export async function requireNeedsOf(ctx: Context, row: InstanceRow): Promise<void> {
  const installedBytes = installedBytesOf(row);
  const blueprint = await readSource(ctx, row);
  await requireNeeds(ctx, await readNode(ctx.db, row.nodeId), { blueprint, gpuIds: row.gpuIds, installedBytes });
}

/** What an instance was made from, as it is pinned. */
export async function readSource(ctx: Context, row: InstanceRow): Promise<Omit<PinnedSource, "digest">> {
  const pinned = await findSource(ctx.db, row.blueprintDigest);
  if (!pinned) throw new Error(`the source ${row.blueprintDigest} of ${row.id} is gone`);
  return { name: row.blueprintName, kind: row.blueprintKind, source: pinned.source };
}

/** What an instance's installation takes already; all that it ever will once it has run. */
export function installedBytesOf({ firstStartedAt, observed }: InstanceRow): number {
  return firstStartedAt ? Number.POSITIVE_INFINITY : (observed?.diskBytes ?? 0);
}

async function withSpaceNow(ctx: Context, { id }: NodeRow, facts: Facts): Promise<Facts> {
  try {
    const latest = (await readNodeStats(ctx, id)).items.at(-1);
    return latest ? { ...facts, disk: { ...facts.disk, freeBytes: latest.diskFreeBytes } } : facts;
  } catch (error) {
    // Away: then what it said last stands.
    if (error instanceof ServiceError && error.code === "node_offline") return facts;
    throw error;
  }
}

function nodeLacks(blueprint: string, node: NodeRow, lacks: Lack[]): ServiceError {
  const message = `${blueprint} cannot run on ${JSON.stringify(node.name)}: it ${describeLacks(lacks)}.`;
  return new ServiceError("node_lacks", message, {
    hint: "Choose another node, or give this one what it lacks.",
    details: lacks,
  });
}
