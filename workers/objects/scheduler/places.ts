/** How many runs of a job are at work: who gets a place, who waits, and who goes. The rows here are hints; a run's status in D1 is the truth. */
import { isOver, type RunStatus } from "@roundhouse/protocol/api/run";
import type { Admission } from "../../services/run/admission.ts";

export type PlaceDeps = {
  sql: SqlStorage;
  readStatuses(runIds: string[]): Promise<Map<string, RunStatus>>;
  /** Runs that stand as queued for a while. Those nobody told of are found here. */
  readQueued(): Promise<Admission[]>;
  begin(runId: string): Promise<void>;
  /** Ends a run that found no place and is not to wait for one. */
  skip(runId: string, working: number): Promise<void>;
  now(): number;
};

type Row = { run_id: string; job_id: string; concurrency: number; when_busy: "queue" | "skip"; looks: number };

/** After how long a run at work is looked at in D1: its notice may have been lost. The last one is for all further looks. */
const LOOK_AFTER_MS = [5_000, 30_000, 120_000, 600_000, 3_600_000] as const;
const LONGEST_LOOK_MS = 3_600_000;
const BEGIN_AGAIN_AFTER_MS = 1_000;
const SWEEP_EVERY_MS = 60_000;

export class Places {
  readonly #deps: PlaceDeps;
  #sweptAt: number | undefined;

  constructor(deps: PlaceDeps) {
    this.#deps = deps;
  }

  /** Again and again is the same as once. */
  add({ runId, jobId, concurrency, whenBusy }: Admission): void {
    this.#deps.sql.exec(
      `INSERT INTO places (run_id, job_id, concurrency, when_busy) VALUES (?, ?, ?, ?) ON CONFLICT (run_id) DO NOTHING`,
      ...[runId, jobId, concurrency, whenBusy],
    );
  }

  free(runId: string): void {
    this.#deps.sql.exec(`DELETE FROM places WHERE run_id = ?`, runId);
  }

  async run(): Promise<void> {
    await this.#look();
    await this.#sweep();
    await this.#seat();
  }

  /** When the next look is due; null while nobody is at work, and then nobody waits either. */
  nextAt(): number | null {
    return this.#deps.sql.exec<{ at: number | null }>(`SELECT min(look_at) AS at FROM places WHERE working`).one().at;
  }

  /** Frees the places of runs that are over, and begins those anew that never heard that they should. */
  async #look(): Promise<void> {
    const now = this.#deps.now();
    const due = this.#deps.sql.exec<Row>(`SELECT * FROM places WHERE working AND look_at <= ?`, now).toArray();
    if (due.length === 0) return;
    const statuses = await this.#deps.readStatuses(due.map((row) => row.run_id));
    const again: string[] = [];
    for (const { run_id: runId, looks } of due) {
      const status = statuses.get(runId);
      if (status === undefined || isOver(status)) this.free(runId);
      else this.#lookAgain(runId, looks + 1, now + (LOOK_AFTER_MS[looks + 1] ?? LONGEST_LOOK_MS));
      if (status === "queued") again.push(runId);
    }
    await this.#begin(again);
  }

  async #sweep(): Promise<void> {
    const now = this.#deps.now();
    if (this.#sweptAt !== undefined && Math.abs(now - this.#sweptAt) < SWEEP_EVERY_MS) return;
    for (const admission of await this.#deps.readQueued()) this.add(admission);
    this.#sweptAt = now;
  }

  async #seat(): Promise<void> {
    const jobs = this.#deps.sql.exec<{ id: string }>(`SELECT DISTINCT job_id AS id FROM places WHERE NOT working`);
    const begun: string[] = [];
    const skipped: { runId: string; working: number }[] = [];
    for (const { id } of jobs.toArray()) {
      const seated = this.#seatJob(id);
      begun.push(...seated.begun);
      skipped.push(...seated.skipped);
    }
    await this.#begin(begun);
    for (const { runId, working } of skipped) {
      await this.#deps.skip(runId, working);
      this.free(runId);
    }
  }

  /** By arrival: whoever waits is not overtaken. */
  #seatJob(jobId: string): { begun: string[]; skipped: { runId: string; working: number }[] } {
    const count = `SELECT count(*) AS working FROM places WHERE job_id = ? AND working`;
    let { working } = this.#deps.sql.exec<{ working: number }>(count, jobId).one();
    const waiting = `SELECT * FROM places WHERE job_id = ? AND NOT working ORDER BY arrival`;
    const begun: string[] = [];
    const skipped: { runId: string; working: number }[] = [];
    let isFull = false;
    for (const { run_id: runId, concurrency, when_busy: whenBusy } of this.#deps.sql
      .exec<Row>(waiting, jobId)
      .toArray()) {
      if (!isFull && working < concurrency) {
        this.#lookAgain(runId, 0, this.#deps.now() + LOOK_AFTER_MS[0]);
        begun.push(runId);
        working += 1;
      } else if (whenBusy === "skip") skipped.push({ runId, working });
      else isFull = true;
    }
    return { begun, skipped };
  }

  /** It has its place by now: a run that could not be reached is asked again soon. */
  async #begin(runIds: string[]): Promise<void> {
    const begin = async (runId: string): Promise<void> => {
      try {
        await this.#deps.begin(runId);
      } catch (error) {
        console.error(`the run ${runId} did not begin`, error);
        this.#deps.sql.exec(
          `UPDATE places SET look_at = ? WHERE run_id = ?`,
          this.#deps.now() + BEGIN_AGAIN_AFTER_MS,
          runId,
        );
      }
    };
    await Promise.all(runIds.map(begin));
  }

  #lookAgain(runId: string, looks: number, at: number): void {
    this.#deps.sql.exec(
      `UPDATE places SET working = 1, looks = ?, look_at = ? WHERE run_id = ?`,
      ...[looks, at, runId],
    );
  }
}
