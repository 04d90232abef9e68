/** Creates an instance of a blueprint on a node. */
import type { CreateInstance, Instance } from "@roundhouse/protocol/api/instance";
import { portsOf } from "@roundhouse/protocol/blueprint";
import type { Database } from "../../db/database.ts";
import { findBlueprint } from "../blueprint/catalogue.ts";
import type { CatalogueEntry } from "../blueprint/entry.ts";
import type { Context } from "../context.ts";
import { ServiceError } from "../error.ts";
import { resolveNode } from "../node/find.ts";
import { addInstance } from "./add.ts";
import { requireMayBind } from "./variables.ts";

export async function createInstance(ctx: Context, input: CreateInstance): Promise<Instance> {
  const { blueprint: reference, node, ...spec } = input;
  requireMayBind(ctx, input.env);
  const blueprint = await resolveBlueprint(ctx.db, reference);
  const place = { node: await resolveNode(ctx.db, node), parent: null };
  const ports = input.ports ?? portsOf(blueprint.kind, blueprint.source);
  return addInstance(ctx, { ...spec, ports }, blueprint, place);
}

async function resolveBlueprint(db: Database, reference: string): Promise<CatalogueEntry> {
  const found = await findBlueprint(db, reference);
  if (found) return found;
  throw new ServiceError("unknown_blueprint", `blueprint: there is no blueprint ${JSON.stringify(reference)}.`, {
    hint: "Give the id or the name of a blueprint from GET /api/blueprints.",
  });
}
