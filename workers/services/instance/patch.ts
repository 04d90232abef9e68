/** Changes an instance's spec, all of it or nothing. What its app reads only at a launch launches a running one anew. */
import type { BatchItem } from "drizzle-orm/batch";
import type { Instance, PatchInstance } from "@roundhouse/protocol/api/instance";
import { needsRestart } from "@roundhouse/protocol/changes";
import { slugify } from "@roundhouse/protocol/slug";
import type { Context } from "../context.ts";
import { ServiceError } from "../error.ts";
import { readNode } from "../node/find.ts";
import { changeBlueprint, passToSatellites } from "./blueprint.ts";
import { changeInstance, type InstanceChange, refuseTombstone } from "./change.ts";
import { checkHostname } from "./hostname.ts";
import { refuseTakenName } from "./name.ts";
import { requireNeedsOf } from "./needs.ts";
import { outputsOf } from "./outputs.ts";
import { checkPort } from "./port.ts";
import { requirePoolPortOf } from "./port-pool.ts";
import { readInstance, showInstance } from "./read.ts";
import { refuseSharedFields } from "./satellite.ts";
import { keepFormerSlug, pickSlug, untilSlugIsFree } from "./slug.ts";
import type { InstanceRow } from "./status.ts";
import { explainTaken } from "./taken.ts";
import { checkVariables, refusePortVariables, requireMayBind } from "./variables.ts";

/** Throws `name_taken`, `hostname_taken`, `port_taken`, `is_satellite`, `unknown_blueprint`, `node_lacks`, `forbidden`, and changes nothing then. */
export async function patchInstance(ctx: Context, id: string, input: PatchInstance): Promise<Instance> {
  try {
    const row = await untilSlugIsFree(() =>
      changeInstance(
        ctx,
        id,
        (current) => decide(ctx, current, input),
        (current, change) => along(ctx, current, change),
      ),
    );
    return await showInstance(ctx, row);
  } catch (error) {
    if (error instanceof ServiceError) throw error;
    const { nodeId } = await readInstance(ctx.db, id);
    throw await explainTaken(ctx.db, { ...input, nodeId }, error, id);
  }
}

async function decide(ctx: Context, current: InstanceRow, input: PatchInstance): Promise<InstanceChange | undefined> {
  const { restart, blueprint, ...fields } = input;
  refuseTombstone(current);
  refuseSharedFields(current, input);
  const change: InstanceChange = {
    ...differing(current, fields),
    ...(blueprint === undefined ? {} : await changeBlueprint(ctx, current, blueprint)),
  };
  if (Object.keys(change).length === 0) return undefined;
  await check(ctx, current, change);
  const whole = change.name === undefined ? change : { ...(await renamed(ctx, current, change.name)), ...change };
  const isLaunched =
    restart !== false && current.desired === "running" && needsRestart(asShown(current), asShown(change));
  if (!isLaunched) return whole;
  const wanted = { ...current, ...whole };
  if (change.blueprintDigest === undefined) await requireNeedsOf(ctx, wanted);
  await requirePoolPortOf(ctx, wanted);
  return { ...whole, epoch: current.epoch + 1 };
}

/** Another blueprint is known by another source. */
function asShown({ blueprintDigest, ...row }: InstanceChange): Record<string, unknown> {
  return blueprintDigest === undefined ? row : { ...row, blueprint: blueprintDigest };
}

/** The URL follows the name; folder and outputs stay where they are, unless the change moves the outputs as well. */
async function renamed({ db }: Context, current: InstanceRow, name: string): Promise<InstanceChange> {
  const slug = slugify(name) === slugify(current.name) ? current.slug : await pickSlug(db, name, current.id);
  return { slug, outputPath: outputsOf(current) };
}

async function check(ctx: Context, current: InstanceRow, change: InstanceChange): Promise<void> {
  const { name, port, hostname, env, ports } = change;
  if (name !== undefined) await refuseTakenName(ctx.db, name, current.id);
  if (typeof hostname === "string") await checkHostname(ctx, hostname, current.id);
  if (env !== undefined) {
    requireMayBind(ctx, env, current.env);
    await checkVariables(ctx.db, current, env);
  }
  if (env ?? ports) refusePortVariables(env ?? current.env, ports ?? current.ports);
  if (port === undefined || port === null) return;
  await checkPort(ctx.db, await readNode(ctx.db, current.nodeId), port, current.id);
}

function differing(row: InstanceRow, fields: Omit<PatchInstance, "restart" | "blueprint">): InstanceChange {
  return Object.fromEntries(
    Object.entries(fields).filter(([field, value]) => {
      return value !== undefined && JSON.stringify(row[field as keyof InstanceRow]) !== JSON.stringify(value);
    }),
  );
}

async function along(ctx: Context, current: InstanceRow, change: InstanceChange): Promise<BatchItem<"sqlite">[]> {
  const { slug } = change;
  return [
    ...(slug === undefined || slug === current.slug
      ? []
      : keepFormerSlug(ctx.db, current.id, current.slug, slug, ctx.now)),
    ...passToSatellites(ctx, current, change),
  ];
}
