/** Replaces a job whole. Its runs go on with what it was when they were asked for; its triggers count from now on. */
import type { Job, JobInput } from "@roundhouse/protocol/api/job";
import type { Context } from "../context.ts";
import { announceJob } from "./announce.ts";
import { checkJob } from "./check.ts";
import { cronTriggers } from "./cron.ts";
import { readJob } from "./find.ts";
import { showJob } from "./get.ts";
import { nextOfAll } from "./schedule.ts";
import { writeJob } from "./write.ts";

export async function putJob(ctx: Context, reference: string, input: JobInput): Promise<Job> {
  const row = await readJob(ctx.db, reference);
  const { name, enabled } = input;
  const spec = await checkJob(ctx, input);
  const nextRunAt = enabled ? nextOfAll(cronTriggers(spec.triggers), ctx.now) : null;
  await writeJob(ctx, { ...row, name, spec, enabled, nextRunAt, updatedAt: ctx.now }, "replace");
  await announceJob(ctx, row.id);
  return showJob(ctx, row.id);
}
