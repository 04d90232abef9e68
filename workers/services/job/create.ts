/** Makes a job. */
import type { Job, JobInput } from "@roundhouse/protocol/api/job";
import { newId } from "@roundhouse/protocol/ids";
import type { Context } from "../context.ts";
import { checkJob } from "./check.ts";
import { announceJob } from "./announce.ts";
import { cronTriggers } from "./cron.ts";
import { showJob } from "./get.ts";
import { nextOfAll } from "./schedule.ts";
import { writeJob } from "./write.ts";

export async function createJob(ctx: Context, input: JobInput): Promise<Job> {
  const { name, enabled } = input;
  const spec = await checkJob(ctx, input);
  const nextRunAt = enabled ? nextOfAll(cronTriggers(spec.triggers), ctx.now) : null;
  const id = newId("job");
  await writeJob(ctx, { id, name, spec, enabled, nextRunAt, createdAt: ctx.now, updatedAt: ctx.now }, "create");
  await announceJob(ctx, id);
  return showJob(ctx, id);
}
