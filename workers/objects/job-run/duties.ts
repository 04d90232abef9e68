/** What a run owes the world outside: its row, its calls on nodes, the scheduler, and whoever wants to hear of its end. */
import type { Context } from "../../services/context.ts";
import { ServiceError } from "../../services/error.ts";
import { findNode } from "../../services/node/find.ts";
import { sendNotification } from "../../services/notify/send.ts";
import { scheduler } from "../../services/objects.ts";
import { reportRun } from "../../services/run/report.ts";
import { withdrawApprovals } from "../../services/tool/approval.ts";
import { stopCall } from "../../services/tool/send.ts";
import { runAgain } from "../run-again.ts";
import { note } from "./finish.ts";
import type { Journal } from "./journal.ts";
import type { ToolRow } from "./rows.ts";
import { reportOf } from "./trace.ts";

/** Waits after an attempt that failed; the last one for ever. */
const RETRY_MS = [1_000, 5_000, 30_000, 120_000, 600_000];
/** A receiver that does not answer is given up; everything else is ours and comes back. */
const MAX_NOTIFICATIONS = RETRY_MS.length;

export class Duties {
  readonly #ctx: () => Context;
  readonly #journal: Journal;
  /** One after the other, so that an older report never comes last. */
  readonly #report = runAgain(() => reportRun(this.#ctx(), this.#journal.need("run").id, reportOf(this.#journal)));

  constructor(ctx: () => Context, journal: Journal) {
    this.#ctx = ctx;
    this.#journal = journal;
  }

  async perform(names: readonly string[]): Promise<void> {
    await Promise.all(names.map((name) => this.#perform(name)));
  }

  async #perform(name: string): Promise<void> {
    const stamp = this.#journal.stampOf(name);
    try {
      await this.#do(name);
      this.#journal.dropDuty(name, stamp);
    } catch (error) {
      this.#postpone(name, stamp, error);
    }
  }

  #postpone(name: string, stamp: number, error: unknown): void {
    const attempts = this.#journal.duties().find((duty) => duty.name === name)?.attempts ?? 0;
    const words = this.#journal.shown(error instanceof Error ? error.message : String(error));
    console.warn(`run ${this.#journal.need("run").id}: ${name} failed:`, words);
    if (name === "notify" && (error instanceof ServiceError || attempts + 1 >= MAX_NOTIFICATIONS)) {
      note(this.#journal, Date.now(), `The notification was given up: ${words}`);
      return this.#journal.dropDuty(name, stamp);
    }
    const delay = RETRY_MS[Math.min(attempts, RETRY_MS.length - 1)] ?? 0;
    this.#journal.postponeDuty(name, Date.now() + delay);
  }

  async #do(name: string): Promise<void> {
    const { id } = this.#journal.need("run");
    if (name === "report") return this.#report();
    if (name === "approvals") return withdrawApprovals(this.#ctx(), id);
    if (name === "ended") return scheduler(this.#ctx().env).ended(id);
    if (name === "notify") return this.#notify();
    return this.#stop(Number(name.slice("stop:".length)));
  }

  /** A node that was removed has nothing of ours any more. */
  async #stop(seq: number): Promise<void> {
    const row = this.#journal.rows.find((kept): kept is ToolRow => kept.kind === "tool" && kept.seq === seq);
    if (!row?.node || !(await findNode(this.#ctx().db, row.node.id))) return;
    await stopCall(this.#ctx(), row.node.id, row.callId);
  }

  async #notify(): Promise<void> {
    const { id, jobId, jobName, spec, trigger } = this.#journal.need("run");
    if (!spec.notify) return;
    const { status, startedAt, endedAt, turns, inputTokens, outputTokens, money, output, failure } = reportOf(
      this.#journal,
    );
    const data = {
      ...{ id, job: jobId, jobName, status, trigger, startedAt, endedAt, turns },
      ...{ usage: { inputTokens, outputTokens, money }, output, failure },
    };
    const body = { type: `run.${status}`, timestamp: endedAt, data };
    await sendNotification(this.#ctx(), spec.notify, { id, at: new Date(), body });
  }
}
