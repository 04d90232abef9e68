/** What runs wait for: calls that a person has to decide on. Arguments and diffs are as they are shown, without secrets. */
import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { Approval, ApprovalStatus } from "@roundhouse/protocol/api/run";
import { runs } from "./runs.ts";

export const approvals = sqliteTable(
  "approvals",
  {
    id: text("id").primaryKey(),
    kind: text("kind").$type<Approval["kind"]>().notNull(),
    runId: text("run_id")
      .notNull()
      .references(() => runs.id, { onDelete: "cascade" }),
    jobId: text("job_id").notNull(),
    jobName: text("job_name").notNull(),
    nodeId: text("node_id"),
    nodeName: text("node_name"),
    tool: text("tool").notNull(),
    arguments: text("arguments", { mode: "json" }).$type<Record<string, unknown>>().notNull(),
    /** Of the call as it is made (`digestOfCall`). */
    digest: text("digest").notNull(),
    diff: text("diff"),
    status: text("status").$type<ApprovalStatus>().notNull(),
    createdAt: integer("created_at", { mode: "timestamp_ms" }).notNull(),
    expiresAt: integer("expires_at", { mode: "timestamp_ms" }).notNull(),
    decidedAt: integer("decided_at", { mode: "timestamp_ms" }),
    decidedBy: text("decided_by"),
    reason: text("reason"),
  },
  (table) => [
    index("approvals_status").on(table.status, table.createdAt, table.id),
    index("approvals_run").on(table.runId),
  ],
);
