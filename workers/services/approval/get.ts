/** Reads one approval. */
import { eq } from "drizzle-orm";
import type { Approval } from "@roundhouse/protocol/api/run";
import { approvals } from "../../db/approvals.ts";
import type { Database } from "../../db/database.ts";
import type { Context } from "../context.ts";
import { ServiceError } from "../error.ts";
import { type ApprovalRow, toApproval } from "./show.ts";

export async function getApproval(ctx: Context, id: string): Promise<Approval> {
  return toApproval(await readApproval(ctx.db, id), ctx.now);
}

/** Throws `not_found`. */
export async function readApproval(db: Database, id: string): Promise<ApprovalRow> {
  const [row] = await db.select().from(approvals).where(eq(approvals.id, id));
  if (row) return row;
  throw new ServiceError("not_found", `There is no approval ${JSON.stringify(id)}.`, {
    hint: "GET /api/approvals lists them.",
  });
}
