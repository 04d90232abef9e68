/** Asking a person about a call, as rows of the database: what a run asks, and what became of it. */
import { and, eq, lte } from "drizzle-orm";
import { approvals } from "../../db/approvals.ts";
import { standingApprovals } from "../../db/standing-approvals.ts";
import type { Context } from "../context.ts";
import { publishChange } from "../feed/publish.ts";

export type Question = Omit<
  typeof approvals.$inferInsert,
  "status" | "createdAt" | "decidedAt" | "decidedBy" | "reason"
>;
export type Answer = Pick<typeof approvals.$inferSelect, "status" | "decidedBy" | "reason">;

/** Under the same id, asking again and again is the same as once. */
export async function askApproval(ctx: Context, question: Question): Promise<void> {
  await ctx.db
    .insert(approvals)
    .values({ ...question, status: "pending", createdAt: ctx.now })
    .onConflictDoNothing();
  await publishChange(ctx, "approval", question.id);
}

/** How it stands now; one whose time is up expires by being looked at. undefined when it was removed with its run. */
export async function readAnswer(ctx: Context, id: string): Promise<Answer | undefined> {
  const isDue = and(eq(approvals.id, id), eq(approvals.status, "pending"), lte(approvals.expiresAt, ctx.now));
  const expired = await ctx.db
    .update(approvals)
    .set({ status: "expired", decidedAt: ctx.now })
    .where(isDue)
    .returning({ id: approvals.id });
  if (expired.length > 0) await publishChange(ctx, "approval", id);
  const [row] = await ctx.db.select().from(approvals).where(eq(approvals.id, id));
  return row;
}

/** The run is over: nobody needs to decide any more. */
export async function withdrawApprovals(ctx: Context, runId: string): Promise<void> {
  await ctx.db
    .update(approvals)
    .set({ status: "withdrawn", decidedAt: ctx.now })
    .where(and(eq(approvals.runId, runId), eq(approvals.status, "pending")));
  await publishChange(ctx, "approval", null);
}

/** The approval that lets this job make exactly this call on this node without asking. */
export async function findStandingApproval(
  ctx: Context,
  { jobId, nodeId, digest }: { jobId: string; nodeId: string; digest: string },
): Promise<string | undefined> {
  const isIt = and(
    eq(standingApprovals.jobId, jobId),
    eq(standingApprovals.nodeId, nodeId),
    eq(standingApprovals.digest, digest),
  );
  const [row] = await ctx.db.select().from(standingApprovals).where(isIt);
  return row?.approvalId;
}
