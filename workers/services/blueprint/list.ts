/** Lists the catalogue, shipped and custom, by name. */
import { asc, gt, sql } from "drizzle-orm";
import * as z from "zod";
import type { Blueprint } from "@roundhouse/protocol/api/blueprint";
import { blueprints } from "../../db/blueprints.ts";
import type { Context } from "../context.ts";
import { decodeCursor, encodeCursor, type Page, type PageInput } from "../page.ts";
import { fromRow, toBlueprint } from "./catalogue.ts";
import type { CatalogueEntry } from "./entry.ts";
import { SHIPPED } from "./shipped.ts";

/** Names are unique over both origins, so the lower-cased name is the sort key and the cursor. */
export async function listBlueprints(ctx: Context, { limit, cursor }: PageInput): Promise<Page<Blueprint>> {
  const after = cursor === undefined ? "" : decodeCursor(cursor, z.string());
  const key = sql`lower(${blueprints.name})`;
  const rows = await ctx.db
    .select()
    .from(blueprints)
    .where(gt(key, after))
    .orderBy(asc(key))
    .limit(limit + 1);
  const shipped = SHIPPED.filter((entry) => sortKey(entry) > after);
  const merged = [...shipped, ...rows.map(fromRow)].toSorted((one, other) => (sortKey(one) < sortKey(other) ? -1 : 1));
  const shown = merged.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(toBlueprint),
    cursor: merged.length > limit && last ? encodeCursor(sortKey(last)) : null,
  };
}

function sortKey({ name }: CatalogueEntry): string {
  return name.toLowerCase();
}
