/** Deletes a job: its runs that are not over are cancelled, its history stays. */
import { and, eq, inArray } from "drizzle-orm";
import { jobs } from "../../db/jobs.ts";
import { runs } from "../../db/runs.ts";
import { nameOfActor } from "../audit/actor.ts";
import { attempt } from "../attempt.ts";
import type { Context } from "../context.ts";
import { jobRun } from "../objects.ts";
import { announceJob } from "./announce.ts";
import { readJob } from "./find.ts";

/** The row goes first: after that no run can begin any more. */
export async function removeJob(ctx: Context, reference: string): Promise<void> {
  const { id } = await readJob(ctx.db, reference);
  await ctx.db.delete(jobs).where(eq(jobs.id, id));
  await cancelRuns(ctx, id);
  await announceJob(ctx, id);
}

async function cancelRuns(ctx: Context, jobId: string): Promise<void> {
  const isUnderWay = inArray(runs.status, ["queued", "running", "waiting"]);
  const found = await ctx.db
    .select({ id: runs.id })
    .from(runs)
    .where(and(eq(runs.jobId, jobId), isUnderWay));
  const by = found.length > 0 ? await nameOfActor(ctx) : "";
  for (const { id } of found) {
    const failure = await attempt(() => jobRun(ctx.env, id).cancel(by));
    if (failure !== undefined) console.error(`the run ${id} of a deleted job was not cancelled`, failure);
  }
}
