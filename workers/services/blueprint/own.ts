/** Only custom blueprints can be changed: the shipped ones are part of the program. */
import type { Context } from "../context.ts";
import { ServiceError } from "../error.ts";
import { readBlueprint } from "./catalogue.ts";
import type { CatalogueEntry } from "./entry.ts";

export async function readOwnBlueprint(ctx: Context, reference: string): Promise<CatalogueEntry> {
  const found = await readBlueprint(ctx.db, reference);
  if (found.origin === "custom") return found;
  throw new ServiceError(
    "forbidden",
    `${JSON.stringify(found.name)} is shipped with Roundhouse and cannot be changed.`,
    {
      hint: "Copy its source into a custom blueprint with another name.",
    },
  );
}
