/** Which jobs ask a provider, first or as a fallback. */
import { sql } from "drizzle-orm";
import type { Database } from "../../db/database.ts";

export type NamingJob = { id: string; name: string };

/** The jobs that name a provider by one of these words (its id, its name in any case). */
export function jobsNaming(db: Database, words: readonly string[]): Promise<NamingJob[]> {
  const wanted = sql.join(
    words.map((word) => sql`lower(${word})`),
    sql`, `,
  );
  return db.all<NamingJob>(sql`
    SELECT id, name FROM jobs
    WHERE lower(json_extract(spec, '$.provider')) IN (${wanted}) OR EXISTS (
      SELECT 1 FROM json_each(spec, '$.fallbacks') AS choice
      WHERE lower(json_extract(choice.value, '$.provider')) IN (${wanted}))
    ORDER BY created_at, id`);
}

export function wordJobs(jobs: readonly NamingJob[]): string {
  const names = jobs.map(({ name }) => JSON.stringify(name)).join(", ");
  return jobs.length === 1 ? `the job ${names} uses it` : `the jobs ${names} use it`;
}
