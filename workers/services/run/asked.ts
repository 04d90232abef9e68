/** What a run was asked to do, as the database has it. */
import { eq } from "drizzle-orm";
import { isOver } from "@roundhouse/protocol/api/run";
import type { Database } from "../../db/database.ts";
import { runs } from "../../db/runs.ts";

export type AskedRun = Pick<
  typeof runs.$inferSelect,
  "id" | "jobId" | "jobName" | "spec" | "trigger" | "dry" | "data" | "createdAt"
>;

/** undefined for a run that is not there, or over. */
export async function readAskedRun(db: Database, runId: string): Promise<AskedRun | undefined> {
  const [row] = await db.select().from(runs).where(eq(runs.id, runId));
  return row && !isOver(row.status) ? row : undefined;
}
