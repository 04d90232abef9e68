/** Finds an instance by id, or by name where a person or a model may have written it. */
import { and, eq, isNull, or, sql } from "drizzle-orm";
import type { Database } from "../../db/database.ts";
import { instances } from "../../db/instances.ts";
import { noInstance } from "./read.ts";

/** An id, or a name in any case; a tombstone has its id only. Throws `not_found`. */
export async function resolveInstanceId(db: Database, reference: string): Promise<string> {
  const byName = and(eq(sql`lower(${instances.name})`, sql`lower(${reference})`), isNull(instances.deletedAt));
  const rows = await db
    .select({ id: instances.id })
    .from(instances)
    .where(or(eq(instances.id, reference), byName));
  const row = rows.find(({ id }) => id === reference) ?? rows[0];
  if (row) return row.id;
  throw noInstance(reference);
}
