/** Finds a job by id, or by name in any case. */
import { eq, or, sql } from "drizzle-orm";
import type { Database } from "../../db/database.ts";
import { jobs } from "../../db/jobs.ts";
import { ServiceError } from "../error.ts";
import type { JobRow } from "./show.ts";

export async function findJob(db: Database, reference: string): Promise<JobRow | undefined> {
  const byName = eq(sql`lower(${jobs.name})`, sql`lower(${reference})`);
  const rows = await db
    .select()
    .from(jobs)
    .where(or(eq(jobs.id, reference), byName));
  return rows.find((row) => row.id === reference) ?? rows[0];
}

/** Throws `not_found`. */
export async function readJob(db: Database, reference: string): Promise<JobRow> {
  const row = await findJob(db, reference);
  if (row) return row;
  throw new ServiceError("not_found", `There is no job ${JSON.stringify(reference)}.`, {
    hint: "GET /api/jobs lists them.",
  });
}
