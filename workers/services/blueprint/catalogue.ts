/** One blueprint of either origin, and how it is found by id or name. */
import { eq, or, sql } from "drizzle-orm";
import type { Blueprint } from "@roundhouse/protocol/api/blueprint";
import { checkBlueprint } from "@roundhouse/protocol/blueprint-check";
import { needsOf } from "@roundhouse/protocol/blueprint";
import { blueprints } from "../../db/blueprints.ts";
import type { Database } from "../../db/database.ts";
import { ServiceError } from "../error.ts";
import type { CatalogueEntry } from "./entry.ts";
import { SHIPPED } from "./shipped.ts";

/** By id or by name in any case; shipped ones have their name as id. */
export async function findBlueprint(db: Database, reference: string): Promise<CatalogueEntry | undefined> {
  const shipped = findShipped(reference);
  if (shipped) return shipped;
  const byName = eq(sql`lower(${blueprints.name})`, sql`lower(${reference})`);
  const [row] = await db
    .select()
    .from(blueprints)
    .where(or(eq(blueprints.id, reference), byName));
  return row && fromRow(row);
}

/** Throws `not_found`. */
export async function readBlueprint(db: Database, reference: string): Promise<CatalogueEntry> {
  const found = await findBlueprint(db, reference);
  if (found) return found;
  throw new ServiceError("not_found", `There is no blueprint ${JSON.stringify(reference)}.`, {
    hint: "GET /api/blueprints lists them.",
  });
}

export function findShipped(reference: string): CatalogueEntry | undefined {
  return SHIPPED.find((entry) => entry.name.toLowerCase() === reference.toLowerCase());
}

export function fromRow(row: typeof blueprints.$inferSelect): CatalogueEntry {
  const { id, name, kind, title, category, description, source } = row;
  return { id, name, kind, title, category, description, source, origin: "custom", icon: null, readme: null };
}

/** What a list shows. */
export function toBlueprint(entry: CatalogueEntry): Blueprint {
  const { id, name, title, kind, category, description, origin, source } = entry;
  const icon = entry.icon === null ? null : `/api/blueprints/${id}/icon`;
  return { id, name, title, kind, category, description, origin, icon, needs: needsOf(kind, source) };
}

/** What the page of one blueprint shows. */
export function toFullBlueprint(entry: CatalogueEntry): Blueprint {
  const { kind, readme, source } = entry;
  return { ...toBlueprint(entry), readme, source, warnings: checkBlueprint(kind, source) };
}
