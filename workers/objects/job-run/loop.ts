/** Drives a run: looks up what is next, does it, and looks again, until nothing can go on by itself. Never twice at once. */
import { unreachable } from "@roundhouse/protocol/exhaustive";
import type { Context } from "../../services/context.ts";
import { runAgain } from "../run-again.ts";
import { askModel, settleLost } from "./ask-model.ts";
import { look } from "./ask-person.ts";
import { handleCall } from "./calls.ts";
import { deadlineOf, paused, resumed } from "./clock.ts";
import { Duties } from "./duties.ts";
import { finish } from "./finish.ts";
import type { Journal } from "./journal.ts";
import { type Action, next } from "./next.ts";
import type { ToolRow } from "./rows.ts";
import { prepare } from "./prepare.ts";
import { unlessAborted, withDeadline } from "./timed.ts";

export type LoopDeps = {
  ctx: () => Context;
  journal: Journal;
  /** Reads anew which secrets must not show. */
  guard: () => Promise<void>;
  /** null: none. */
  setAlarm: (at: number | null) => Promise<void>;
};

/** How long after a crash the run goes on. */
const WATCHDOG_MS = 15_000;
/** Nothing but a model takes longer: an answer that never comes must not hold up the run. */
const ACTION_MS = 60_000;
const FAULT_MS = [1_000, 5_000, 15_000, 60_000, 300_000];

export class Loop {
  readonly #deps: LoopDeps;
  readonly #duties: Duties;
  /** Goes on with the run. A call during a run makes it look once more. */
  readonly advance = runAgain(() => this.#run());
  /** Ends what is under way: with the run, or (waking) only what can be asked for again at no cost. */
  #ending = new AbortController();
  #waking = new AbortController();
  #isBusy = false;
  #hasLooked = false;
  #faults = 0;

  constructor(deps: LoopDeps) {
    this.#deps = deps;
    this.#duties = new Duties(deps.ctx, deps.journal);
  }

  get isBusy(): boolean {
    return this.#isBusy;
  }

  watch(): Promise<void> {
    return this.#deps.setAlarm(Date.now() + WATCHDOG_MS);
  }

  /** What persons decided has changed. */
  wake(): void {
    this.#hasLooked = false;
    this.#waking.abort();
    this.#waking = new AbortController();
  }

  /** The run is over in the journal: nothing of it goes on. */
  stop(): void {
    this.#ending.abort();
    this.#ending = new AbortController();
  }

  async #run(): Promise<void> {
    if (!this.#deps.journal.get("run")) return;
    this.#isBusy = true;
    try {
      await this.watch();
      await within(ACTION_MS, this.#deps.guard());
      this.#hasLooked = false;
      while (await this.#step());
    } catch (error) {
      await this.#onFault(error);
    } finally {
      this.#isBusy = false;
    }
  }

  /** False when there is nothing to do now. */
  async #step(): Promise<boolean> {
    const { setAlarm } = this.#deps;
    const action = next(this.#view());
    if (action.do === "rest") {
      await setAlarm(action.until);
      return false;
    }
    if (action.do === "wait") return this.#wait(action.until);
    await this.watch();
    if (action.do !== "duties" && action.do !== "look") this.#goOn();
    const performed = this.#perform(action);
    await (action.do === "ask" ? performed : within(ACTION_MS, performed));
    this.#faults = 0;
    return true;
  }

  #view() {
    const { journal } = this.#deps;
    return {
      ...{ isOver: journal.isOver, isGrounded: journal.get("ground") !== undefined, hasLooked: this.#hasLooked },
      ...{ limits: journal.need("run").spec.limits, clock: journal.need("clock"), rows: journal.rows },
      ...{ duties: journal.duties(), now: Date.now() },
    };
  }

  async #wait(until: number | null): Promise<boolean> {
    const { journal, setAlarm } = this.#deps;
    const clock = journal.need("clock");
    if (clock.sinceMs !== null) {
      journal.set("clock", paused(clock, Date.now()));
      this.#say("waiting for a person");
      return true;
    }
    await setAlarm(until);
    return false;
  }

  #goOn(): void {
    const { journal } = this.#deps;
    const clock = journal.need("clock");
    if (clock.sinceMs !== null) return;
    journal.set("clock", resumed(clock, Date.now()));
    journal.addDuty("report", Date.now());
  }

  async #perform(action: Exclude<Action, { do: "rest" } | { do: "wait" }>): Promise<void> {
    const { journal } = this.#deps;
    const deps = { ctx: this.#deps.ctx, journal, say: (words: string) => this.#say(words) };
    switch (action.do) {
      case "duties":
        return this.#duties.perform(action.names);
      case "prepare":
        return prepare(deps);
      case "look":
        this.#hasLooked = true;
        return whole(action.rows.map((row) => look(deps, row)));
      case "calls":
        return this.#calls(action.rows);
      case "ask":
        return this.#inTime([], (signal) => askModel(deps, action.row, signal));
      case "settle":
        return settleLost(journal, action.row, Date.now());
      case "fail":
        return finish(
          journal,
          { status: "failed", failure: { code: action.code, message: action.message } },
          Date.now(),
        );
      default:
        return unreachable(action);
    }
  }

  #calls(rows: ToolRow[]): Promise<void> {
    const deps = { ctx: this.#deps.ctx, journal: this.#deps.journal, say: (words: string) => this.#say(words) };
    return this.#inTime([this.#waking.signal], (signal) => whole(rows.map((row) => handleCall(deps, row.seq, signal))));
  }

  /** What is aborted when the run is over, and when its time is up. */
  #inTime(others: AbortSignal[], task: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { journal } = this.#deps;
    const deadline = deadlineOf(journal.need("clock"), journal.need("run").spec.limits.minutes);
    const left = Math.max(0, (deadline ?? 0) - Date.now());
    return withDeadline(left, [this.#ending.signal, ...others], task);
  }

  /** Shows what is going on. It is told at once; a report that is lost is a duty still. */
  #say(words: string): void {
    const { journal } = this.#deps;
    if (journal.isOver || journal.get("doing") === words) return;
    journal.set("doing", words);
    journal.addDuty("report", Date.now());
    this.#duties.perform(["report"]).catch((error: unknown) => console.error("a report failed", error));
  }

  /** What nobody foresaw is tried again a few times. */
  async #onFault(error: unknown): Promise<void> {
    const { journal, setAlarm } = this.#deps;
    this.#faults += 1;
    console.error(`run ${journal.need("run").id}: its step failed (${this.#faults}):`, error);
    const delay = FAULT_MS[this.#faults - 1];
    if (delay === undefined && journal.isGuarded) {
      const message = `Something went wrong on our side, ${this.#faults} times in a row. The server's log says more.`;
      finish(journal, { status: "failed", failure: { code: "internal", message } }, Date.now());
    }
    await setAlarm(Date.now() + (delay ?? WATCHDOG_MS));
  }
}

function within(ms: number, task: Promise<void>): Promise<void> {
  return withDeadline(ms, [], (signal) => unlessAborted(task, signal));
}

/** Waits for all, then throws the first failure. */
async function whole(tasks: Promise<void>[]): Promise<void> {
  for (const outcome of await Promise.allSettled(tasks)) if (outcome.status === "rejected") throw outcome.reason;
}
