/** "Approve always": exactly this call, by its digest, of this job, on this node. */
import { primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

export const standingApprovals = sqliteTable(
  "standing_approvals",
  {
    jobId: text("job_id").notNull(),
    nodeId: text("node_id").notNull(),
    digest: text("digest").notNull(),
    approvalId: text("approval_id").notNull(),
  },
  (table) => [primaryKey({ columns: [table.jobId, table.nodeId, table.digest] })],
);
