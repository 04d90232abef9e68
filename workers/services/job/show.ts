/** How a job is shown, with its last run. */
import { eq, getTableColumns, sql } from "drizzle-orm";
import type { Job } from "@roundhouse/protocol/api/job";
import type { Database } from "../../db/database.ts";
import { jobs } from "../../db/jobs.ts";
import { runs } from "../../db/runs.ts";

export type JobRow = typeof jobs.$inferSelect;
type LastRun = { id: string; status: string; createdAt: Date };
export type ShownRow = JobRow & { lastRun: LastRun | null };

/** Every query that shows jobs begins like this. */
export function selectShown(db: Database) {
  const newest = sql`(SELECT id FROM runs WHERE job_id = jobs.id ORDER BY created_at DESC, id DESC LIMIT 1)`;
  const lastRun = { id: runs.id, status: runs.status, createdAt: runs.createdAt };
  return db
    .select({ ...getTableColumns(jobs), lastRun })
    .from(jobs)
    .leftJoin(runs, eq(runs.id, newest));
}

export function toJob(row: ShownRow): Job {
  const { id, name, spec, enabled, nextRunAt, lastRun, createdAt, updatedAt } = row;
  return {
    ...{ id, name, ...spec, enabled },
    nextRunAt: nextRunAt?.toISOString() ?? null,
    lastRun: lastRun && { ...lastRun, createdAt: lastRun.createdAt.toISOString() },
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}
