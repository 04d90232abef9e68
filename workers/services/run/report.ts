/** Writes how a run stands into the database. Only the run's own object calls this; a final status is never written over. */
import { isOver, RunStatus } from "@roundhouse/protocol/api/run";
import { and, eq, notInArray } from "drizzle-orm";
import { runs } from "../../db/runs.ts";
import type { Context } from "../context.ts";
import { publishChange } from "../feed/publish.ts";

export type RunReport = Pick<
  typeof runs.$inferSelect,
  | "status"
  | "startedAt"
  | "endedAt"
  | "turns"
  | "inputTokens"
  | "outputTokens"
  | "money"
  | "output"
  | "failure"
  | "doing"
>;

export async function reportRun(ctx: Context, runId: string, report: RunReport): Promise<void> {
  const isOpen = notInArray(runs.status, RunStatus.options.filter(isOver));
  await ctx.db
    .update(runs)
    .set(report)
    .where(and(eq(runs.id, runId), isOpen));
  await publishChange(ctx, "run", runId);
}
