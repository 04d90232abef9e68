/** Adds an instance to a node: pins the source of its blueprint, gives it a slug, and hints to the node. */
import { and, count, eq, isNull, not, sql } from "drizzle-orm";
import type { CreateInstance, Instance } from "@roundhouse/protocol/api/instance";
import { newId } from "@roundhouse/protocol/ids";
import type { Origin } from "@roundhouse/protocol/instance";
import { MAX_INSTANCES_PER_NODE } from "@roundhouse/protocol/limits";
import type { DeclaredPort } from "@roundhouse/protocol/ports";
import { blueprintSources } from "../../db/blueprint-sources.ts";
import type { Database } from "../../db/database.ts";
import { instances } from "../../db/instances.ts";
import { digestOf, type PinnedSource } from "../blueprint/source.ts";
import type { Context } from "../context.ts";
import { ServiceError } from "../error.ts";
import { publishChange } from "../feed/publish.ts";
import { pokeNode } from "../node/poke.ts";
import type { NodeRow } from "../node/show.ts";
import { checkHostname } from "./hostname.ts";
import { refuseTakenName } from "./name.ts";
import { installedBytesOf, requireNeeds } from "./needs.ts";
import { pickOutputPath } from "./outputs.ts";
import { checkPort } from "./port.ts";
import { requirePoolPort } from "./port-pool.ts";
import { readInstance, showInstance } from "./read.ts";
import { pickSlug, untilSlugIsFree } from "./slug.ts";
import type { InstanceRow } from "./status.ts";
import { explainTaken } from "./taken.ts";
import { areKept, checkVariables, type Holder, refusePortVariables } from "./variables.ts";

type Draft = Omit<typeof instances.$inferInsert, "slug" | "folder"> & Pick<NewSpec, "env">;

/** What is wanted of it, apart from what it is made from and where. */
export type NewSpec = Omit<CreateInstance, "blueprint" | "node" | "ports"> & { ports: DeclaredPort[] };
export type Source = Omit<PinnedSource, "digest">;
/** `parent` is the instance whose installation it shares, on the same node. */
export type Place = { node: NodeRow; parent: InstanceRow | null; origin?: Origin };

export async function addInstance(ctx: Context, spec: NewSpec, source: Source, place: Place): Promise<Instance> {
  const { node, parent } = place;
  const id = newId("instance");
  refusePortVariables(spec.env, spec.ports);
  await refuseTakenName(ctx.db, spec.name);
  if (spec.hostname !== null) await checkHostname(ctx, spec.hostname);
  await checkPort(ctx.db, node, spec.port);
  await refuseFullNode(ctx.db, node);
  await checkVariables(ctx.db, { id, nodeId: node.id, env: [] }, spec.env);
  const installedBytes = parent ? installedBytesOf(parent) : 0;
  if (spec.start) {
    await requireNeeds(ctx, node, { blueprint: source, gpuIds: spec.gpuIds, installedBytes });
    if (spec.port === null) await requirePoolPort(ctx.db, node);
  }
  await insert(ctx, await draft(ctx, id, spec, source, place), source);
  if (parent) await refuseLostParent(ctx, id, parent);
  await pokeNode(ctx, node.id);
  await publishChange(ctx, "instance", id);
  return showInstance(ctx, await readInstance(ctx.db, id));
}

async function refuseFullNode(db: Database, node: NodeRow): Promise<void> {
  const [held] = await db.select({ count: count() }).from(instances).where(eq(instances.nodeId, node.id));
  if (!held || held.count < MAX_INSTANCES_PER_NODE) return;
  throw new ServiceError("node_full", `The node ${JSON.stringify(node.name)} holds ${held.count} instances already.`, {
    hint: `A node takes ${MAX_INSTANCES_PER_NODE} at most. Delete some, or use another node.`,
  });
}

async function draft(
  ctx: Context,
  id: string,
  { start, ...spec }: NewSpec,
  source: Source,
  { node, parent, origin }: Place,
): Promise<Draft> {
  return {
    ...spec,
    id,
    nodeId: node.id,
    parentId: parent?.id ?? null,
    origin: origin ?? null,
    blueprintName: source.name,
    blueprintKind: source.kind,
    blueprintDigest: await digestOf(source.source),
    desired: start ? "running" : "stopped",
    epoch: start ? 1 : 0,
    generation: 1,
    changedAt: ctx.now,
    createdAt: ctx.now,
  };
}

/**
 * Source and row go in together, so that a source without a user can be dropped at any moment; and the row goes out again
 * in the same transaction where its variables cannot be kept any more.
 */
async function insert(ctx: Context, row: Draft, { name, kind, source }: Source): Promise<void> {
  const pinned = { digest: row.blueprintDigest, name, kind, source };
  const holder: Holder = { id: row.id, nodeId: row.nodeId, env: [] };
  const write = async (): Promise<void> => {
    const slug = await pickSlug(ctx.db, row.name);
    const outputPath = await pickOutputPath(ctx.db, row.nodeId, { outputPath: null, ...row, folder: slug });
    const pin = ctx.db.insert(blueprintSources).values(pinned).onConflictDoNothing();
    const add = ctx.db.insert(instances).values({ ...row, outputPath, slug, folder: slug });
    const isLost = and(eq(instances.id, row.id), not(areKept(holder, row.env)));
    const takeBack = ctx.db.delete(instances).where(isLost).returning({ id: instances.id });
    const [, , lost] = await ctx.db.batch([pin, add, takeBack]);
    if (lost.length > 0) throw await variablesLost(ctx.db, holder, row.env);
  };
  try {
    await untilSlugIsFree(write);
  } catch (error) {
    throw await explainTaken(ctx.db, row, error);
  }
}

/** Others were faster: what they did is looked up for its words. */
async function variablesLost(db: Database, holder: Holder, env: NewSpec["env"]): Promise<ServiceError> {
  await checkVariables(db, holder, env);
  return new ServiceError("conflict", "Its secrets, or its node's variables, were changed at the same moment.", {
    hint: "Try again.",
  });
}

/**
 * A parent that is being deleted takes no satellite. Its generation moves on, so that whoever deletes it at this moment
 * looks for satellites again.
 */
async function refuseLostParent({ db }: Context, id: string, parent: InstanceRow): Promise<void> {
  const kept = await db
    .update(instances)
    .set({ generation: sql`${instances.generation} + 1` })
    .where(and(eq(instances.id, parent.id), isNull(instances.deletedAt)))
    .returning({ id: instances.id });
  if (kept.length > 0) return;
  await db.delete(instances).where(eq(instances.id, id));
  throw new ServiceError("conflict", `${JSON.stringify(parent.name)} was deleted at the same moment.`, {
    hint: "Make an instance of its blueprint instead.",
  });
}
