/** Jobs and runs in the database, and the scheduler's parts over the SQLite of an object of their own, with a clock that is set. */
import { runInDurableObject } from "cloudflare:test";
import { NewJob } from "@roundhouse/protocol/api/job";
import { newId } from "@roundhouse/protocol/ids";
import { eq } from "drizzle-orm";
import { jobs } from "../../../../workers/db/jobs.ts";
import { runs } from "../../../../workers/db/runs.ts";
import { makeContext } from "../../../../workers/services/context.ts";
import { db, env } from "../harness.ts";

export type Changes = { triggers?: unknown[]; limits?: unknown };

/** A job as it stands in the database, written at `at`. */
export async function makeJob(at: number, { triggers = [], limits = {} }: Changes, enabled = true): Promise<string> {
  const id = newId("job");
  const whole = NewJob.parse({
    ...{ name: id, instructions: "look", nodes: ["nd_none"], provider: "pv_none", model: "m", triggers },
    limits,
  });
  const { name, enabled: _, ...spec } = whole;
  const time = new Date(at);
  await db.insert(jobs).values({ id, name, spec, enabled, nextRunAt: null, createdAt: time, updatedAt: time });
  return id;
}

export async function changeJob(id: string, at: number, changes: Partial<typeof jobs.$inferInsert>): Promise<void> {
  await db
    .update(jobs)
    .set({ ...changes, updatedAt: new Date(at) })
    .where(eq(jobs.id, id));
}

export async function jobRow(id: string) {
  const [row] = await db.select().from(jobs).where(eq(jobs.id, id));
  if (!row) throw new Error(`no row for ${id}`);
  return row;
}

export async function runsOf(jobId: string) {
  return db.select().from(runs).where(eq(runs.jobId, jobId)).orderBy(runs.createdAt, runs.id);
}

/** The due times of a job's runs, the earliest first: one for each run. */
export async function firedAt(jobId: string): Promise<string[]> {
  const rows = await runsOf(jobId);
  return rows.flatMap(({ trigger }) => (trigger.kind === "cron" ? [trigger.dueAt] : [])).toSorted();
}

export async function setStatus(runId: string, status: (typeof runs.$inferSelect)["status"]): Promise<void> {
  await db.update(runs).set({ status }).where(eq(runs.id, runId));
}

export function contextAt(now: number) {
  return { ...makeContext(env, { type: "nobody" }), now: new Date(now) };
}

/** Runs `work` inside a scheduler that nobody else uses. */
export function inScratch<T>(work: (storage: DurableObjectStorage) => Promise<T>): Promise<T> {
  const stub = env.SCHEDULER.getByName(`scratch ${crypto.randomUUID()}`);
  return runInDurableObject(stub, (_scheduler, state) => work(state.storage));
}

export const at = (text: string): number => Date.parse(text);
