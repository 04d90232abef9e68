/** Lists approvals: those that wait for a person first, then the newest. */
import { and, desc, eq, gt, lt, lte, or, type SQL, sql } from "drizzle-orm";
import type { Approval, ApprovalQuery, ApprovalStatus } from "@roundhouse/protocol/api/run";
import * as z from "zod";
import { approvals } from "../../db/approvals.ts";
import type { Context } from "../context.ts";
import { decodeCursor, encodeCursor, type Page } from "../page.ts";
import { type ApprovalRow, toApproval } from "./show.ts";

/** Whether it is pending, when it was made, its id. */
const Key = z.tuple([z.int(), z.int(), z.string()]);

/** One expires between two pages at most once, and is then seen twice rather than never. */
const isPending = sql<number>`(${approvals.status} = 'pending')`;

export async function listApprovals(ctx: Context, query: ApprovalQuery): Promise<Page<Approval>> {
  const ofRun = query.run === undefined ? undefined : eq(approvals.runId, query.run);
  const inStatus = query.status === undefined ? undefined : hasStatus(query.status, ctx.now);
  const rows = await ctx.db
    .select()
    .from(approvals)
    .where(and(ofRun, inStatus, after(query.cursor)))
    .orderBy(desc(isPending), desc(approvals.createdAt), desc(approvals.id))
    .limit(query.limit + 1);
  const shown = rows.slice(0, query.limit);
  const last = rows.length > query.limit ? shown.at(-1) : undefined;
  return { items: shown.map((row) => toApproval(row, ctx.now)), cursor: last ? encodeCursor(keyOf(last)) : null };
}

/** As it is shown: a pending one whose time is over is expired. */
function hasStatus(status: ApprovalStatus, now: Date): SQL | undefined {
  if (status === "pending") return and(eq(approvals.status, "pending"), gt(approvals.expiresAt, now));
  if (status !== "expired") return eq(approvals.status, status);
  const isOverdue = and(eq(approvals.status, "pending"), lte(approvals.expiresAt, now));
  return or(eq(approvals.status, "expired"), isOverdue);
}

function after(cursor: string | undefined): SQL | undefined {
  if (cursor === undefined) return undefined;
  const [pending, time, id] = decodeCursor(cursor, Key);
  const at = new Date(time);
  const isOlder = or(lt(approvals.createdAt, at), and(eq(approvals.createdAt, at), lt(approvals.id, id)));
  return or(lt(isPending, pending), and(eq(isPending, pending), isOlder));
}

function keyOf({ status, createdAt, id }: ApprovalRow): z.infer<typeof Key> {
  return [status === "pending" ? 1 : 0, createdAt.getTime(), id];
}
