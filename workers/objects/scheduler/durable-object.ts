/** Scheduler: one per deployment, the due times of all triggers and the places of all runs on one alarm. Wiring only. */
import { DurableObject } from "cloudflare:workers";
import type { Env } from "../../env.ts";
import { type Context, makeContext } from "../../services/context.ts";
import { readCronJobs, writeNextRuns } from "../../services/job/cron.ts";
import { jobRun } from "../../services/objects.ts";
import { admissionOf, readAdmission, readQueued, readStatuses } from "../../services/run/admission.ts";
import { skipRun } from "../../services/run/skip.ts";
import { insertRun } from "../../services/run/start.ts";
import { Places } from "./places.ts";
import type { SchedulerRpc } from "./rpc.ts";
import { createTables } from "./storage.ts";
import { type Firing, Triggers } from "./triggers.ts";

/** The longest that a lost hint of a changed job stays unnoticed. */
const READ_JOBS_EVERY_MS = 3_600_000;
/** After failures in a row. The last one is for all further ones. */
const RETRY_AFTER_MS = [1_000, 2_000, 5_000, 15_000, 60_000] as const;
const LONGEST_RETRY_MS = 60_000;

export class Scheduler extends DurableObject<Env> implements SchedulerRpc {
  readonly #triggers: Triggers;
  readonly #places: Places;
  /** Somebody came while the alarm was at work: it comes again at once. Whoever came has set the alarm, too. */
  #isHinted = false;
  #failures = 0;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const { sql } = ctx.storage;
    createTables(sql);
    this.#triggers = new Triggers({
      sql,
      transaction: (write) => ctx.storage.transactionSync(write),
      readJobs: () => readCronJobs(this.#context().db),
      start: (firing) => this.#start(firing),
      tellNextRuns: (changes) => writeNextRuns(this.#context().db, changes),
      now: Date.now,
    });
    this.#places = new Places({
      sql,
      readStatuses: (runIds) => readStatuses(this.#context().db, runIds),
      readQueued: () => readQueued(this.#context()),
      begin: (runId) => jobRun(env, runId).begin(),
      skip: (runId, working) => skipRun(this.#context(), runId, working),
      now: Date.now,
    });
  }

  async poke(): Promise<void> {
    await this.#hint();
  }

  async admit(runId: string): Promise<void> {
    const admission = await readAdmission(this.#context().db, runId);
    if (!admission) return;
    this.#places.add(admission);
    await this.#hint();
  }

  /** Answers before anybody else begins: the run that calls this may itself be on its way through the alarm. */
  async ended(runId: string): Promise<void> {
    this.#places.free(runId);
    await this.#hint();
  }

  override async alarm(): Promise<void> {
    this.#isHinted = false;
    const isDone = [await this.#attempt(() => this.#triggers.run()), await this.#attempt(() => this.#places.run())];
    this.#failures = isDone.every(Boolean) ? 0 : this.#failures + 1;
    await this.#arm();
  }

  async #attempt(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      console.error("the scheduler tries again soon", error);
      return false;
    }
  }

  async #hint(): Promise<void> {
    this.#isHinted = true;
    await this.ctx.storage.setAlarm(Date.now());
  }

  /** What could not be done waits for its retry, and nothing else does. */
  async #arm(): Promise<void> {
    const now = Date.now();
    const retryAt = now + (RETRY_AFTER_MS[this.#failures - 1] ?? LONGEST_RETRY_MS);
    const earliest = this.#failures > 0 ? retryAt : now;
    const planned = [
      this.#triggers.nextAt(),
      this.#triggers.hasAny() ? now + READ_JOBS_EVERY_MS : null,
      this.#places.nextAt(),
    ].filter((at) => at !== null);
    const wanted = planned.map((at) => (at <= now ? earliest : at));
    if (this.#failures > 0) wanted.push(retryAt);
    if (this.#isHinted) wanted.push(now);
    if (wanted.length === 0) await this.ctx.storage.deleteAlarm();
    else await this.ctx.storage.setAlarm(Math.min(...wanted));
  }

  async #start({ jobId, runId, schedule, dueAt }: Firing): Promise<void> {
    const trigger = { kind: "cron" as const, schedule, dueAt: new Date(dueAt).toISOString() };
    const run = await insertRun(this.#context(), { runId, jobId, trigger, dry: false, data: undefined });
    if (run?.status === "queued") this.#places.add(admissionOf(run));
  }

  /** With a clock reading of its own for each thing that is done. */
  #context(): Context {
    return makeContext(this.env, { type: "nobody" });
  }
}
