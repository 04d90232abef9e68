/** What the scheduler reads and writes of jobs: their cron triggers, and when each is due next. */
import { and, eq, isNotNull, or, sql } from "drizzle-orm";
import { type CronTrigger, Trigger } from "@roundhouse/protocol/api/job";
import * as z from "zod";
import type { Database } from "../../db/database.ts";
import { jobs } from "../../db/jobs.ts";

export type CronJob = { id: string; updatedAt: number; nextRunAt: number | null; triggers: CronTrigger[] };

/** D1 takes few statements in a batch gladly, and many badly. */
const WRITES_PER_BATCH = 50;

/** Every enabled job that has cron triggers, and those that claim to be due without having any. Disabled ones have no triggers here. */
export async function readCronJobs(db: Database): Promise<CronJob[]> {
  const triggers = sql<string>`json_extract(${jobs.spec}, '$.triggers')`;
  const rows = await db
    .select({ id: jobs.id, enabled: jobs.enabled, updatedAt: jobs.updatedAt, nextRunAt: jobs.nextRunAt, triggers })
    .from(jobs)
    .where(or(and(eq(jobs.enabled, true), sql`${triggers} LIKE '%"cron"%'`), isNotNull(jobs.nextRunAt)));
  return rows.map(({ id, enabled, updatedAt, nextRunAt, triggers }) => ({
    id,
    updatedAt: updatedAt.getTime(),
    nextRunAt: nextRunAt?.getTime() ?? null,
    triggers: enabled ? cronTriggers(z.array(Trigger).parse(JSON.parse(triggers))) : [],
  }));
}

export function cronTriggers(triggers: readonly Trigger[]): CronTrigger[] {
  return triggers.filter((trigger) => trigger.kind === "cron");
}

export type NextRun = { job: CronJob; at: number | null };

/** Leaves alone what somebody wrote since it was read: that is told anew. */
export async function writeNextRuns(db: Database, changes: readonly NextRun[]): Promise<void> {
  for (let from = 0; from < changes.length; from += WRITES_PER_BATCH) {
    const [first, ...rest] = changes.slice(from, from + WRITES_PER_BATCH).map(({ job, at }) =>
      db
        .update(jobs)
        .set({ nextRunAt: at === null ? null : new Date(at) })
        .where(and(eq(jobs.id, job.id), eq(jobs.updatedAt, new Date(job.updatedAt)))),
    );
    if (first) await db.batch([first, ...rest]);
  }
}
