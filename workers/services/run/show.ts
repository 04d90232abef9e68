/** How a run is shown. */
import type { Run } from "@roundhouse/protocol/api/run";
import type { runs } from "../../db/runs.ts";

export type RunRow = typeof runs.$inferSelect;

export function toRun(row: RunRow): Run {
  const { id, status, trigger, dry, turns, output, failure, doing } = row;
  const { inputTokens, outputTokens, money } = row;
  return {
    ...{ id, job: row.jobId, jobName: row.jobName, status, trigger, dry },
    createdAt: row.createdAt.toISOString(),
    startedAt: row.startedAt?.toISOString() ?? null,
    endedAt: row.endedAt?.toISOString() ?? null,
    ...{ turns, usage: { inputTokens, outputTokens, money }, output },
    ...{ failure: failure ?? null, doing },
  };
}
