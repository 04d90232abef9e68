/** Adds a custom blueprint. */
import type { Blueprint, CreateBlueprint } from "@roundhouse/protocol/api/blueprint";
import { newId } from "@roundhouse/protocol/ids";
import { blueprints } from "../../db/blueprints.ts";
import type { Context } from "../context.ts";
import { isUniqueViolation, ServiceError } from "../error.ts";
import { publishChange } from "../feed/publish.ts";
import { findBlueprint, fromRow, toFullBlueprint } from "./catalogue.ts";
import { describeBlueprint } from "./describe.ts";

export async function createBlueprint(ctx: Context, { name, kind, source }: CreateBlueprint): Promise<Blueprint> {
  const described = describeBlueprint(name, kind, source);
  if (await findBlueprint(ctx.db, name)) throw nameTaken(name);
  const row = { id: newId("blueprint"), name, kind, source, ...described, createdAt: ctx.now, updatedAt: ctx.now };
  try {
    await ctx.db.insert(blueprints).values(row);
  } catch (error) {
    if (isUniqueViolation(error, "blueprints_name")) throw nameTaken(name, error);
    throw error;
  }
  await publishChange(ctx, "blueprint", row.id);
  return toFullBlueprint(fromRow(row));
}

function nameTaken(name: string, cause?: unknown): ServiceError {
  return new ServiceError("name_taken", `name: there is a blueprint ${JSON.stringify(name)} already.`, {
    hint: "Shipped and custom blueprints share their names, without regard to case. Choose another one.",
    cause,
  });
}
