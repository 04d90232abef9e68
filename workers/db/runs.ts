/** Runs of jobs: what was asked for, how it stands, and what it cost. Steps are kept by each run's own object. */
import { index, integer, real, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { RunFailure, RunStatus, RunTrigger } from "@roundhouse/protocol/api/run";
import type { JobSpec } from "./jobs.ts";

export const runs = sqliteTable(
  "runs",
  {
    id: text("id").primaryKey(),
    jobId: text("job_id").notNull(),
    jobName: text("job_name").notNull(),
    status: text("status").$type<RunStatus>().notNull(),
    trigger: text("trigger", { mode: "json" }).$type<RunTrigger>().notNull(),
    dry: integer("dry", { mode: "boolean" }).notNull(),
    /** The job as it was when this run was asked for. */
    spec: text("spec", { mode: "json" }).$type<JobSpec>().notNull(),
    /** What its trigger brought along. null: nothing. */
    data: text("data", { mode: "json" }).$type<unknown>(),
    createdAt: integer("created_at", { mode: "timestamp_ms" }).notNull(),
    startedAt: integer("started_at", { mode: "timestamp_ms" }),
    endedAt: integer("ended_at", { mode: "timestamp_ms" }),
    turns: integer("turns").notNull().default(0),
    inputTokens: integer("input_tokens").notNull().default(0),
    outputTokens: integer("output_tokens").notNull().default(0),
    /** In US dollars. */
    money: real("money").notNull().default(0),
    output: text("output"),
    failure: text("failure", { mode: "json" }).$type<{ code: RunFailure; message: string }>(),
    doing: text("doing"),
  },
  (table) => [
    index("runs_created").on(table.createdAt, table.id),
    index("runs_job").on(table.jobId, table.createdAt, table.id),
    index("runs_status").on(table.status, table.createdAt, table.id),
  ],
);
