/** Replaces the source of a custom blueprint. Instances made before keep the source they were made from. */
import { eq } from "drizzle-orm";
import type { Blueprint, PutBlueprint } from "@roundhouse/protocol/api/blueprint";
import { blueprints } from "../../db/blueprints.ts";
import type { Context } from "../context.ts";
import { publishChange } from "../feed/publish.ts";
import { describeBlueprint } from "./describe.ts";
import { getBlueprint } from "./get.ts";
import { readOwnBlueprint } from "./own.ts";

export async function putBlueprint(ctx: Context, reference: string, { source }: PutBlueprint): Promise<Blueprint> {
  const { id, name, kind } = await readOwnBlueprint(ctx, reference);
  const described = describeBlueprint(name, kind, source);
  await ctx.db
    .update(blueprints)
    .set({ source, ...described, updatedAt: ctx.now })
    .where(eq(blueprints.id, id));
  await publishChange(ctx, "blueprint", id);
  return getBlueprint(ctx, id);
}
