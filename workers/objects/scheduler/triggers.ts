/**
 * Cron triggers: each due time starts exactly one run. That a due time fires is written in one transaction with the time that
 * comes after it, and the run's id is made from job, trigger and due time: wherever this is cut off, the same firing is
 * carried on, and starting it again is the same as once. A clock that steps back finds the next due time ahead, never an old one.
 */
import type { CronTrigger } from "@roundhouse/protocol/api/job";
import { derivedId } from "@roundhouse/protocol/ids";
import type { CronJob, NextRun } from "../../services/job/cron.ts";
import { type Next, readSchedule } from "../../services/job/schedule.ts";
import { whatIsDue } from "./due.ts";

export type Firing = { jobId: string; runId: string; schedule: string; dueAt: number };

export type TriggerDeps = {
  sql: SqlStorage;
  /** All that `write` does, or nothing of it. */
  transaction(write: () => void): void;
  readJobs(): Promise<CronJob[]>;
  /** Starts the run of a firing; again and again is the same as once. Nothing happens when its job is gone. */
  start(firing: Firing): Promise<void>;
  tellNextRuns(changes: NextRun[]): Promise<void>;
  now(): number;
};

type Key = { job_id: string; schedule: string; timezone: string };
type TriggerRow = Key & { next_at: number | null };
type FiringRow = Key & { due_at: number };
type Known = { job: CronJob; trigger: CronTrigger; next: Next };

const STARTS_AT_A_TIME = 20;

export class Triggers {
  readonly #deps: TriggerDeps;

  constructor(deps: TriggerDeps) {
    this.#deps = deps;
  }

  /** Reads the jobs again, fires what is due, and tells the jobs when they are due next. Throws what could not be done now. */
  async run(): Promise<void> {
    const jobs = await this.#deps.readJobs();
    const known = knownTriggers(jobs);
    this.#deps.transaction(() => {
      this.#adopt(known);
      this.#decide(known, this.#deps.now());
    });
    await this.#startFirings();
    await this.#tell(jobs);
  }

  /** When the next due time is; null: none is. */
  nextAt(): number | null {
    return this.#deps.sql.exec<{ at: number | null }>(`SELECT min(next_at) AS at FROM triggers`).one().at;
  }

  hasAny(): boolean {
    return this.#rows().length > 0;
  }

  /** A trigger that was not there before counts from when its job was written, so that a lost hint loses no due time. */
  #adopt(known: Map<string, Known>): void {
    const rows = new Map(this.#rows().map((row) => [keyOf(row), row]));
    for (const [key, { job_id, schedule, timezone }] of rows) {
      if (known.has(key)) continue;
      const is = `WHERE job_id = ? AND schedule = ? AND timezone = ?`;
      this.#deps.sql.exec(`DELETE FROM triggers ${is}`, job_id, schedule, timezone);
      this.#deps.sql.exec(`DELETE FROM firings ${is}`, job_id, schedule, timezone);
    }
    for (const [key, { job, trigger, next }] of known) {
      if (rows.has(key)) continue;
      const { schedule, timezone } = trigger;
      const nextAt = next(job.updatedAt);
      this.#deps.sql.exec(`INSERT INTO triggers VALUES (?, ?, ?, ?)`, job.id, schedule, timezone, nextAt);
    }
  }

  #decide(known: Map<string, Known>, now: number): void {
    for (const row of this.#rows()) {
      const found = known.get(keyOf(row));
      if (!found || row.next_at === null || row.next_at > now) continue;
      const { fire, nextAt } = whatIsDue(found.next, found.trigger.missed, row.next_at, now);
      const key = [row.job_id, row.schedule, row.timezone] as const;
      for (const dueAt of fire) this.#deps.sql.exec(`INSERT OR IGNORE INTO firings VALUES (?, ?, ?, ?)`, ...key, dueAt);
      const set = `UPDATE triggers SET next_at = ? WHERE job_id = ? AND schedule = ? AND timezone = ?`;
      this.#deps.sql.exec(set, nextAt, ...key);
    }
  }

  async #startFirings(): Promise<void> {
    const rows = this.#deps.sql.exec<FiringRow>(`SELECT * FROM firings ORDER BY due_at`).toArray();
    const failures: unknown[] = [];
    for (let from = 0; from < rows.length; from += STARTS_AT_A_TIME) {
      const started = rows.slice(from, from + STARTS_AT_A_TIME).map((row) => this.#startFiring(row));
      for (const result of await Promise.allSettled(started)) {
        if (result.status === "rejected") failures.push(result.reason);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, `${failures.length} firings could not be started yet`);
  }

  async #startFiring({ job_id: jobId, schedule, timezone, due_at: dueAt }: FiringRow): Promise<void> {
    const runId = await derivedId("run", JSON.stringify(["cron", jobId, schedule, timezone, dueAt]));
    await this.#deps.start({ jobId, runId, schedule, dueAt });
    this.#deps.sql.exec(
      `DELETE FROM firings WHERE job_id = ? AND schedule = ? AND timezone = ? AND due_at = ?`,
      ...[jobId, schedule, timezone, dueAt],
    );
  }

  async #tell(jobs: CronJob[]): Promise<void> {
    const times = new Map<string, number>();
    for (const { job_id: jobId, next_at: at } of this.#rows()) {
      if (at !== null) times.set(jobId, Math.min(at, times.get(jobId) ?? at));
    }
    const changes = jobs.map((job) => ({ job, at: times.get(job.id) ?? null }));
    await this.#deps.tellNextRuns(changes.filter(({ job, at }) => job.nextRunAt !== at));
  }

  #rows(): TriggerRow[] {
    return this.#deps.sql.exec<TriggerRow>(`SELECT * FROM triggers`).toArray();
  }
}

function knownTriggers(jobs: CronJob[]): Map<string, Known> {
  const known = new Map<string, Known>();
  for (const job of jobs) {
    for (const trigger of job.triggers) {
      const { schedule, timezone } = trigger;
      known.set(keyOf({ job_id: job.id, schedule, timezone }), { job, trigger, next: nextOf(job, trigger) });
    }
  }
  return known;
}

/** Read when it is first needed: most triggers are not due. */
function nextOf(job: CronJob, trigger: CronTrigger): Next {
  let next: Next | undefined;
  return (after) => {
    next ??= readOrNever(job, trigger);
    return next(after);
  };
}

/** A schedule that was good when its job was written, and is not to this version, must not stop all others. */
function readOrNever(job: CronJob, trigger: CronTrigger): Next {
  try {
    return readSchedule(trigger);
  } catch (error) {
    console.error(`a trigger of ${job.id} cannot be read`, error);
    return () => null;
  }
}

function keyOf({ job_id, schedule, timezone }: Key): string {
  return JSON.stringify([job_id, schedule, timezone]);
}
