/** Starts a run: writes it as queued, with the job as it is at this moment, and tells the scheduler. */
import { eq, sql, type SQL } from "drizzle-orm";
import { MAX_RUN_DATA_BYTES } from "@roundhouse/protocol/api/job";
import type { RunTrigger } from "@roundhouse/protocol/api/run";
import { jobs } from "../../db/jobs.ts";
import { runs } from "../../db/runs.ts";
import { attempt } from "../attempt.ts";
import { recordAudit } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { ServiceError } from "../error.ts";
import { publishChange } from "../feed/publish.ts";
import { scheduler } from "../objects.ts";
import type { RunRow } from "./show.ts";

/** The same `runId` is the same run. `data` is what its trigger brought along; undefined: nothing. */
export type NewRun = {
  runId: string;
  jobId: string;
  trigger: RunTrigger;
  dry: boolean;
  data: unknown;
  /** The address that a message came from. */
  from?: string | null;
};

/** Answers the run as it is now, undefined when its job is gone. A scheduler that cannot be reached finds it later. */
export async function startRun(ctx: Context, run: NewRun): Promise<RunRow | undefined> {
  const row = await insertRun(ctx, run);
  if (row?.status !== "queued") return row;
  const failure = await attempt(() => scheduler(ctx.env).admit(row.id));
  if (failure !== undefined) console.error(`the scheduler was not told of ${row.id}`, failure);
  return row;
}

/** One statement takes the job as it is and writes its run: a job that is deleted meanwhile gets none. Throws `body_too_large`. */
export async function insertRun(ctx: Context, run: NewRun): Promise<RunRow | undefined> {
  requireSmallData(run.data);
  const made = await ctx.db.insert(runs).select(rowOf(ctx, run)).onConflictDoNothing().returning({ id: runs.id });
  const [row] = await ctx.db.select().from(runs).where(eq(runs.id, run.runId));
  if (made.length === 0 || !row) return row;
  await publishChange(ctx, "run", run.runId);
  await recordStart(ctx, run, row);
  return row;
}

/** What a person starts is recorded with the request. */
async function recordStart({ db, now }: Context, { runId, jobId, trigger, from = null }: NewRun, { jobName }: RunRow) {
  if (trigger.kind === "person") return;
  const name = trigger.kind === "cron" ? `schedule ${trigger.schedule}` : `webhook ${trigger.name}`;
  await recordAudit(db, {
    at: now,
    actor: { type: "trigger", id: null, name },
    ...{ action: "run", entity: "job", entityId: jobId, entityName: jobName },
    ...{ from, detail: `made: ${runId}` },
  });
}

/** In the order of the table's columns, as drizzle wants it. */
function rowOf({ now }: Context, { runId, jobId, trigger, dry, data }: NewRun) {
  const written = {
    id: sql`${runId}`,
    jobId: sql`${jobs.id}`,
    jobName: sql`${jobs.name}`,
    status: sql`'queued'`,
    trigger: sql`${sql.param(trigger, runs.trigger)}`,
    dry: sql`${sql.param(dry, runs.dry)}`,
    spec: sql`${jobs.spec}`,
    data: data === undefined ? sql`NULL` : sql`${sql.param(data, runs.data)}`,
    createdAt: sql`${sql.param(now, runs.createdAt)}`,
    startedAt: sql`NULL`,
    endedAt: sql`NULL`,
    turns: sql`0`,
    inputTokens: sql`0`,
    outputTokens: sql`0`,
    money: sql`0`,
    output: sql`NULL`,
    failure: sql`NULL`,
    doing: sql`NULL`,
  } satisfies Record<keyof RunRow, SQL>;
  return sql`SELECT ${sql.join(Object.values(written), sql`, `)} FROM ${jobs} WHERE ${eq(jobs.id, jobId)}`;
}

function requireSmallData(data: unknown): void {
  if (data === undefined) return;
  const size = new TextEncoder().encode(JSON.stringify(data)).byteLength;
  if (size <= MAX_RUN_DATA_BYTES) return;
  throw new ServiceError("body_too_large", `data: ${size} bytes as JSON; a run takes ${MAX_RUN_DATA_BYTES} at most.`, {
    hint: "Put large input into a file on the node, and name its path.",
    details: { maxBytes: MAX_RUN_DATA_BYTES },
  });
}
