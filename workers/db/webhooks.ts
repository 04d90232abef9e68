/** Which job a webhook's name belongs to. The rest of its trigger stands in the job. */
import { index, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { jobs } from "./jobs.ts";

export const webhooks = sqliteTable(
  "webhooks",
  {
    name: text("name").primaryKey(),
    jobId: text("job_id")
      .notNull()
      .references(() => jobs.id, { onDelete: "cascade" }),
  },
  (table) => [index("webhooks_job").on(table.jobId)],
);
