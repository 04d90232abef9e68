/** How an approval is shown. One that nobody decided in time is expired, also before its run has noticed. */
import type { Approval } from "@roundhouse/protocol/api/run";
import type { approvals } from "../../db/approvals.ts";

export type ApprovalRow = typeof approvals.$inferSelect;

export function toApproval(row: ApprovalRow, now: Date): Approval {
  const { id, kind, jobName, nodeName, tool, diff, decidedBy, reason } = row;
  const isExpired = row.status === "pending" && row.expiresAt <= now;
  return {
    ...{ id, kind, run: row.runId, job: row.jobId, jobName, node: row.nodeId, nodeName },
    ...{ tool, arguments: row.arguments, diff, status: isExpired ? "expired" : row.status },
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    decidedAt: row.decidedAt?.toISOString() ?? null,
    ...{ decidedBy, reason },
  };
}
