/** Decides an approval: one statement, so that of many at the same moment one wins, and a run makes its call once. */
import { and, eq, gt, sql } from "drizzle-orm";
import type { Approval, DecideApproval } from "@roundhouse/protocol/api/run";
import type * as z from "zod";
import { approvals } from "../../db/approvals.ts";
import { jobs } from "../../db/jobs.ts";
import { standingApprovals } from "../../db/standing-approvals.ts";
import { nameOfActor } from "../audit/actor.ts";
import { attempt } from "../attempt.ts";
import type { Context } from "../context.ts";
import { ServiceError } from "../error.ts";
import { publishChange } from "../feed/publish.ts";
import { jobRun } from "../objects.ts";
import { readApproval } from "./get.ts";
import { type ApprovalRow, toApproval } from "./show.ts";

type Input = z.output<typeof DecideApproval>;
const STATUS = { approve: "approved", deny: "denied" } as const;

/**
 * The same decision by the same person again answers what the first one did: a click twice is no error. Throws
 * `already_decided` for any other, and for one that expired or was withdrawn.
 */
export async function decideApproval(ctx: Context, id: string, input: Input): Promise<Approval> {
  const before = await readApproval(ctx.db, id);
  if (input.always) requireCanStand(before, input);
  const by = await nameOfActor(ctx);
  const [decided] = await ctx.db.batch([update(ctx, id, by, input), ...(input.always ? [stand(ctx, id, by)] : [])]);
  const row = await readApproval(ctx.db, id);
  // Also for a repeated decision: the hint of the first one may have been lost.
  await hint(ctx, row);
  if (decided.length === 0 && !isRepeated(row, by, input)) throw alreadyDecided(ctx, row);
  return toApproval(row, ctx.now);
}

function update({ db, now }: Context, id: string, by: string, { decision, reason }: Input) {
  const isOpen = and(eq(approvals.id, id), eq(approvals.status, "pending"), gt(approvals.expiresAt, now));
  return db
    .update(approvals)
    .set({ status: STATUS[decision], decidedAt: now, decidedBy: by, reason: reason ?? null })
    .where(isOpen)
    .returning({ id: approvals.id });
}

/** In the same transaction, and only if this person approved. A job that is gone has nothing that stands. */
function stand({ db }: Context, id: string, by: string) {
  const isMine = and(eq(approvals.id, id), eq(approvals.status, "approved"), eq(approvals.decidedBy, by));
  const row = db
    .select({
      jobId: approvals.jobId,
      nodeId: sql<string>`${approvals.nodeId}`.as("node_id"),
      digest: approvals.digest,
      approvalId: sql<string>`${approvals.id}`.as("approval_id"),
    })
    .from(approvals)
    .innerJoin(jobs, eq(jobs.id, approvals.jobId))
    .where(isMine);
  return db.insert(standingApprovals).select(row).onConflictDoNothing();
}

function requireCanStand({ kind, nodeId }: ApprovalRow, { decision }: Input): void {
  if (kind === "tool" && nodeId !== null && decision === "approve") return;
  throw new ServiceError(
    "invalid_input",
    "always: only the approval of a tool call on a node can stand for later ones.",
    {
      hint: "Leave it out, and decide this one alone.",
    },
  );
}

function isRepeated(row: ApprovalRow, by: string, { decision }: Input): boolean {
  return row.status === STATUS[decision] && row.decidedBy === by;
}

async function hint(ctx: Context, { id, runId }: ApprovalRow): Promise<void> {
  const failure = await attempt(() => jobRun(ctx.env, runId).decided());
  if (failure !== undefined) console.error(`the run ${runId} was not told of ${id}`, failure);
  await publishChange(ctx, "approval", id);
}

function alreadyDecided({ now }: Context, row: ApprovalRow): ServiceError {
  const { status, decidedBy, decidedAt, expiresAt } = toApproval(row, now);
  const words = {
    pending: "is being decided by somebody else at this moment",
    approved: `was approved by ${decidedBy} at ${decidedAt}`,
    denied: `was denied by ${decidedBy} at ${decidedAt}`,
    expired: `expired at ${expiresAt}`,
    withdrawn: "was withdrawn: its run is over",
  }[status];
  return new ServiceError("already_decided", `This ${words}.`, {
    hint: "See what became of its run.",
    details: { status, decidedBy, decidedAt, run: row.runId },
  });
}
