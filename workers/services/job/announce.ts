/** Tells the scheduler and open dashboards that a job changed. Only hints: the scheduler reads all jobs again by itself. */
import { attempt } from "../attempt.ts";
import type { Context } from "../context.ts";
import { publishChange } from "../feed/publish.ts";
import { scheduler } from "../objects.ts";

export async function announceJob(ctx: Context, id: string): Promise<void> {
  const failure = await attempt(() => scheduler(ctx.env).poke());
  if (failure !== undefined) console.error(`the scheduler was not told of ${id}`, failure);
  await publishChange(ctx, "job", id);
}
