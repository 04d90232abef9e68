/** Removes a custom blueprint that no instance uses. */
import { and, eq, isNull, sql } from "drizzle-orm";
import { blueprints } from "../../db/blueprints.ts";
import { instances } from "../../db/instances.ts";
import type { Context } from "../context.ts";
import { ServiceError } from "../error.ts";
import { publishChange } from "../feed/publish.ts";
import { readOwnBlueprint } from "./own.ts";

export async function removeBlueprint(ctx: Context, reference: string): Promise<void> {
  const { id, name } = await readOwnBlueprint(ctx, reference);
  const isUsing = and(eq(sql`lower(${instances.blueprintName})`, name.toLowerCase()), isNull(instances.deletedAt));
  const users = await ctx.db.select({ name: instances.name }).from(instances).where(isUsing).limit(5);
  if (users.length > 0) {
    const names = users.map((user) => JSON.stringify(user.name)).join(", ");
    throw new ServiceError("blueprint_in_use", `${JSON.stringify(name)} is used by ${names}.`, {
      hint: "Delete these instances first.",
      details: { instances: users.map((user) => user.name) },
    });
  }
  await ctx.db.delete(blueprints).where(eq(blueprints.id, id));
  await publishChange(ctx, "blueprint", id);
}
