/** Reads one blueprint with its source and readme, or its icon. */
import type { Blueprint } from "@roundhouse/protocol/api/blueprint";
import type { Context } from "../context.ts";
import { ServiceError } from "../error.ts";
import { findShipped, readBlueprint, toFullBlueprint } from "./catalogue.ts";

export async function getBlueprint(ctx: Context, reference: string): Promise<Blueprint> {
  return toFullBlueprint(await readBlueprint(ctx.db, reference));
}

/** The SVG of a shipped blueprint. Throws `not_found`. */
export function getBlueprintIcon(reference: string): string {
  const icon = findShipped(reference)?.icon;
  if (icon) return icon;
  throw new ServiceError("not_found", `There is no icon of ${JSON.stringify(reference)}.`);
}
