/** Creates an instance: pins the source of its blueprint, gives it a slug, and hints to the node. */
import { count, eq, like } from "drizzle-orm";
import type { CreateInstance, Instance } from "@roundhouse/protocol/api";
import { newId } from "@roundhouse/protocol/ids";
import { MAX_INSTANCES_PER_NODE } from "@roundhouse/protocol/limits";
import { freeSlug, slugify } from "@roundhouse/protocol/slug";
import { blueprintSources } from "../../db/blueprint-sources.ts";
import type { Database } from "../../db/database.ts";
import { instances } from "../../db/instances.ts";
import { findBlueprint } from "../blueprint/catalogue.ts";
import type { CatalogueEntry } from "../blueprint/entry.ts";
import { digestOf } from "../blueprint/source.ts";
import type { Context } from "../context.ts";
import { isUniqueViolation, ServiceError } from "../error.ts";
import { publishChange } from "../feed/publish.ts";
import { resolveNode } from "../node/find.ts";
import { pokeNode } from "../node/poke.ts";
import type { NodeRow } from "../node/show.ts";
import { refuseTakenName } from "./name.ts";
import { requireNeeds } from "./needs.ts";
import { checkPort, findHolder, portTaken } from "./port.ts";
import { readInstance, showInstance } from "./read.ts";

const SLUG_ATTEMPTS = 5;
type NewRow = typeof instances.$inferInsert;

export async function createInstance(ctx: Context, input: CreateInstance): Promise<Instance> {
  const blueprint = await resolveBlueprint(ctx.db, input.blueprint);
  const node = await resolveNode(ctx.db, input.node);
  await refuseTakenName(ctx.db, input.name);
  await checkPort(ctx.db, node, input.port);
  await refuseFullNode(ctx.db, node);
  if (input.start) await requireNeeds(ctx, node, { blueprint, gpuIds: input.gpuIds, installedBytes: 0 });
  const id = newId("instance");
  await insert(ctx, await draft(ctx, id, input, blueprint, node), blueprint);
  await pokeNode(ctx, node.id);
  await publishChange(ctx, "instance", id);
  return showInstance(ctx, await readInstance(ctx.db, id));
}

async function resolveBlueprint(db: Database, reference: string): Promise<CatalogueEntry> {
  const found = await findBlueprint(db, reference);
  if (found) return found;
  throw new ServiceError("unknown_blueprint", `blueprint: there is no blueprint ${JSON.stringify(reference)}.`, {
    hint: "Give the id or the name of a blueprint from GET /api/blueprints.",
  });
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
  { start, blueprint: _reference, node: _node, ...spec }: CreateInstance,
  blueprint: CatalogueEntry,
  node: NodeRow,
): Promise<Omit<NewRow, "slug">> {
  return {
    ...spec,
    id,
    nodeId: node.id,
    blueprintName: blueprint.name,
    blueprintKind: blueprint.kind,
    blueprintDigest: await digestOf(blueprint.source),
    desired: start ? "running" : "stopped",
    epoch: start ? 1 : 0,
    generation: 1,
    changedAt: ctx.now,
    createdAt: ctx.now,
  };
}

/** Source and row go in together, so that a source without a user can be dropped at any moment. */
async function insert(ctx: Context, row: Omit<NewRow, "slug">, { name, kind, source }: CatalogueEntry): Promise<void> {
  const pinned = { digest: row.blueprintDigest, name, kind, source };
  for (let attempt = 1; ; attempt += 1) {
    const slug = await pickSlug(ctx.db, row.name);
    try {
      const pin = ctx.db.insert(blueprintSources).values(pinned).onConflictDoNothing();
      await ctx.db.batch([pin, ctx.db.insert(instances).values({ ...row, slug })]);
      return;
    } catch (error) {
      await explainConflict(ctx, row, error);
      if (attempt === SLUG_ATTEMPTS) throw error;
    }
  }
}

/** Somebody was faster: says with what. Returns only when the slug was taken meanwhile. */
async function explainConflict(ctx: Context, row: Omit<NewRow, "slug">, error: unknown): Promise<void> {
  if (isUniqueViolation(error, "instances_name")) await refuseTakenName(ctx.db, row.name);
  if (isUniqueViolation(error, "instances.port") && typeof row.port === "number") {
    throw portTaken(row.port, await findHolder(ctx.db, row.nodeId, row.port), error);
  }
  if (!isUniqueViolation(error, "instances.slug")) throw error;
}

async function pickSlug(db: Database, name: string): Promise<string> {
  const slug = slugify(name);
  const similar = await db
    .select({ slug: instances.slug })
    .from(instances)
    .where(like(instances.slug, `${slug}%`));
  return freeSlug(slug, new Set(similar.map((row) => row.slug)));
}
