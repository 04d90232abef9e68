/** Jobs. `next_run_at` is told by the scheduler, and by whoever writes the job. */
import { sql } from "drizzle-orm";
import { index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import type { JobInput } from "@roundhouse/protocol/api/job";

/** The whole job but its name and whether it is enabled. Nodes and providers stand in it by their ids. */
export type JobSpec = Omit<JobInput, "name" | "enabled">;

export const jobs = sqliteTable(
  "jobs",
  {
    id: text("id").primaryKey(),
    name: text("name").notNull(),
    spec: text("spec", { mode: "json" }).$type<JobSpec>().notNull(),
    enabled: integer("enabled", { mode: "boolean" }).notNull(),
    nextRunAt: integer("next_run_at", { mode: "timestamp_ms" }),
    createdAt: integer("created_at", { mode: "timestamp_ms" }).notNull(),
    updatedAt: integer("updated_at", { mode: "timestamp_ms" }).notNull(),
  },
  (table) => [
    uniqueIndex("jobs_name").on(sql`lower(${table.name})`),
    index("jobs_created").on(table.createdAt, table.id),
  ],
);
