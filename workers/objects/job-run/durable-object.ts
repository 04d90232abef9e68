/** JobRun: one per run, its journal and the loop that leads it. Wiring only. */
import { DurableObject } from "cloudflare:workers";
import type { Step } from "@roundhouse/protocol/api/run";
import type { Env } from "../../env.ts";
import { type Context, makeContext } from "../../services/context.ts";
import { readAskedRun } from "../../services/run/asked.ts";
import { makeRunRedactor } from "../../services/run/redactor.ts";
import { finish } from "./finish.ts";
import { Journal } from "./journal.ts";
import { Loop } from "./loop.ts";
import type { JobRunRpc } from "./rpc.ts";
import { toStep } from "./trace.ts";

export class JobRun extends DurableObject<Env> implements JobRunRpc {
  readonly #journal: Journal;
  readonly #loop: Loop;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#journal = new Journal(ctx.storage.sql);
    this.#loop = new Loop({
      ctx: () => this.#context(),
      journal: this.#journal,
      guard: () => this.#guard(),
      setAlarm: (at) => (at === null ? ctx.storage.deleteAlarm() : ctx.storage.setAlarm(at)),
    });
  }

  async begin(): Promise<void> {
    if (await this.#open()) await this.#goOn();
  }

  async decided(): Promise<void> {
    this.#loop.wake();
    await this.#goOn();
  }

  async cancel(by: string): Promise<void> {
    if (!(await this.#open()) || this.#journal.isOver) return;
    if (!this.#journal.isGuarded) await this.#guard();
    finish(this.#journal, { status: "cancelled", by }, Date.now());
    this.#loop.stop();
    await this.#loop.advance();
  }

  async steps(): Promise<Step[]> {
    return this.#journal.rows.map(toStep);
  }

  /** The watchdog, and whatever the run rests for. The loop outlives the handler: it has an alarm of its own again by then. */
  override async alarm(): Promise<void> {
    if (this.#loop.isBusy) await this.#loop.watch();
    else await this.#goOn();
  }

  /** Begins the journal, unless it has begun. False for a run that nobody asked for, or that was over before it began. */
  async #open(): Promise<boolean> {
    if (this.#journal.get("run")) return true;
    const asked = await readAskedRun(this.#context().db, this.#name());
    if (!asked) return false;
    const redact = await makeRunRedactor(this.#context(), asked.spec);
    if (this.#journal.get("run")) return true;
    this.#journal.guard(redact);
    const { id, jobId, jobName, spec, trigger, dry, data } = asked;
    const now = Date.now();
    this.#journal.set("run", { id, jobId, jobName, spec, trigger, dry, data, startedAt: now });
    this.#journal.set("clock", { usedMs: 0, sinceMs: now });
    this.#journal.addDuty("report", now);
    return true;
  }

  /** Starts the loop and does not wait for it; the watchdog stands before this returns. */
  async #goOn(): Promise<void> {
    if (!this.#journal.get("run")) return;
    await this.#loop.watch();
    this.ctx.waitUntil(this.#loop.advance());
  }

  async #guard(): Promise<void> {
    this.#journal.guard(await makeRunRedactor(this.#context(), this.#journal.need("run").spec));
  }

  #context(): Context {
    const run = this.#journal.get("run");
    return makeContext(this.env, { type: "run", runId: this.#name(), jobId: run?.jobId ?? "" });
  }

  #name(): string {
    const { name } = this.ctx.id;
    if (name === undefined) throw new Error("a run's object is reached by the run's id");
    return name;
  }
}
