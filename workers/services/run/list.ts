/** Lists runs, the newest first. */
import { and, eq } from "drizzle-orm";
import type { Run, RunQuery } from "@roundhouse/protocol/api/run";
import { runs } from "../../db/runs.ts";
import type { Context } from "../context.ts";
import { findJob } from "../job/find.ts";
import { beforeCursor, newestFirst, type Page, toPage } from "../page.ts";
import { toRun } from "./show.ts";

/** `job` is an id or a name; a job that is gone is still known by its id. */
export async function listRuns(ctx: Context, { job, status, ...page }: RunQuery): Promise<Page<Run>> {
  const jobId = job === undefined ? undefined : ((await findJob(ctx.db, job))?.id ?? job);
  const isOfJob = jobId === undefined ? undefined : eq(runs.jobId, jobId);
  const isInStatus = status === undefined ? undefined : eq(runs.status, status);
  const rows = await ctx.db
    .select()
    .from(runs)
    .where(and(isOfJob, isInStatus, beforeCursor(runs, page)))
    .orderBy(...newestFirst(runs))
    .limit(page.limit + 1);
  return toPage(rows, page, toRun);
}
