/** Ends a run whose job had as many at work as it may, and that was not to wait. */
import { and, eq } from "drizzle-orm";
import { runs } from "../../db/runs.ts";
import type { Context } from "../context.ts";
import { publishChange } from "../feed/publish.ts";

export async function skipRun(ctx: Context, runId: string, working: number): Promise<void> {
  const others = working === 1 ? "another run of this job was" : `${working} runs of this job were`;
  await ctx.db
    .update(runs)
    .set({ status: "cancelled", endedAt: ctx.now, doing: `skipped: ${others} at work` })
    .where(and(eq(runs.id, runId), eq(runs.status, "queued")));
  await publishChange(ctx, "run", runId);
}
