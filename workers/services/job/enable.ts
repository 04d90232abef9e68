/** Switches a job's triggers on and off. People may run a disabled one all the same. */
import { and, eq, ne } from "drizzle-orm";
import type { Job } from "@roundhouse/protocol/api/job";
import { jobs } from "../../db/jobs.ts";
import type { Context } from "../context.ts";
import { announceJob } from "./announce.ts";
import { cronTriggers } from "./cron.ts";
import { readJob } from "./find.ts";
import { showJob } from "./get.ts";
import { nextOfAll } from "./schedule.ts";

/** One that is already so stays as it is: its triggers count from when it was switched on. */
export async function setJobEnabled(ctx: Context, reference: string, enabled: boolean): Promise<Job> {
  const { id, spec } = await readJob(ctx.db, reference);
  const nextRunAt = enabled ? nextOfAll(cronTriggers(spec.triggers), ctx.now) : null;
  const changed = await ctx.db
    .update(jobs)
    .set({ enabled, nextRunAt, updatedAt: ctx.now })
    .where(and(eq(jobs.id, id), ne(jobs.enabled, enabled)))
    .returning({ id: jobs.id });
  if (changed.length > 0) await announceJob(ctx, id);
  return showJob(ctx, id);
}
