/** What the scheduler must know of a run to give it a place: whose it is, and what its job's limits were when it was asked for. */
import { and, asc, eq, inArray, lt } from "drizzle-orm";
import type { JobLimits } from "@roundhouse/protocol/api/job";
import type { RunStatus } from "@roundhouse/protocol/api/run";
import type { Database } from "../../db/database.ts";
import { runs } from "../../db/runs.ts";
import type { Context } from "../context.ts";
import type { RunRow } from "./show.ts";

export type Admission = { runId: string; jobId: string } & Pick<JobLimits, "concurrency" | "whenBusy">;

/** Whoever started a run tells of it at once; until then it is not looked for. */
const UNTOLD_AFTER_MS = 60_000;
const QUEUED_PER_LOOK = 100;
/** D1 takes 100 parameters a query. */
const IDS_PER_QUERY = 90;

export function admissionOf({ id, jobId, spec }: Pick<RunRow, "id" | "jobId" | "spec">): Admission {
  const { concurrency, whenBusy } = spec.limits;
  return { runId: id, jobId, concurrency, whenBusy };
}

/** Undefined unless it stands as queued. */
export async function readAdmission(db: Database, runId: string): Promise<Admission | undefined> {
  const [row] = await db
    .select()
    .from(runs)
    .where(and(eq(runs.id, runId), eq(runs.status, "queued")));
  return row && admissionOf(row);
}

/** Runs that have stood as queued for a while, the earliest first. */
export async function readQueued({ db, now }: Context): Promise<Admission[]> {
  const before = new Date(now.getTime() - UNTOLD_AFTER_MS);
  const rows = await db
    .select({ id: runs.id, jobId: runs.jobId, spec: runs.spec })
    .from(runs)
    .where(and(eq(runs.status, "queued"), lt(runs.createdAt, before)))
    .orderBy(asc(runs.createdAt), asc(runs.id))
    .limit(QUEUED_PER_LOOK);
  return rows.map(admissionOf);
}

/** Without those that are not there. */
export async function readStatuses(db: Database, runIds: readonly string[]): Promise<Map<string, RunStatus>> {
  const statuses = new Map<string, RunStatus>();
  for (let at = 0; at < runIds.length; at += IDS_PER_QUERY) {
    const some = inArray(runs.id, runIds.slice(at, at + IDS_PER_QUERY));
    const rows = await db.select({ id: runs.id, status: runs.status }).from(runs).where(some);
    for (const { id, status } of rows) statuses.set(id, status);
  }
  return statuses;
}
