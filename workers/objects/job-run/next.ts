/** What a run does next, from its journal and the time alone. Pure: the same journal always leads to the same action. */
import type { JobLimits } from "@roundhouse/protocol/api/job";
import type { RunFailure } from "@roundhouse/protocol/api/run";
import { deadlineOf } from "./clock.ts";
import type { Clock, Duty, ModelRow, Row, ToolRow } from "./rows.ts";

export type View = {
  isOver: boolean;
  isGrounded: boolean;
  limits: JobLimits;
  clock: Clock;
  rows: readonly Row[];
  duties: readonly Duty[];
  /** Whether what persons decided was read since somebody said that it changed. */
  hasLooked: boolean;
  now: number;
};

export type Action =
  | { do: "duties"; names: string[] }
  | { do: "prepare" }
  | { do: "look"; rows: ToolRow[] }
  | { do: "calls"; rows: ToolRow[] }
  /** null: a new turn. */
  | { do: "ask"; row: ModelRow | null }
  /** An attempt whose end nobody saw. */
  | { do: "settle"; row: ModelRow }
  | { do: "fail"; code: RunFailure; message: string }
  /** Only a person can go on; time stands still. */
  | { do: "wait"; until: number | null }
  /** Nothing is due before then. null: never again. */
  | { do: "rest"; until: number | null };

export function next(view: View): Action {
  const due = view.duties.filter(({ at }) => at <= view.now);
  if (due.length > 0) return { do: "duties", names: due.map(({ name }) => name) };
  if (view.isOver) return rest(view, []);
  if (!view.isGrounded) return { do: "prepare" };
  const deadline = deadlineOf(view.clock, view.limits.minutes);
  if (deadline !== null && deadline <= view.now) return timeLimit(view.limits);
  const open = view.rows.filter((row): row is ToolRow => row.kind === "tool" && row.state !== "done");
  return open.length > 0 ? nextOfCalls(view, open, deadline) : nextOfTurns(view, deadline);
}

function nextOfCalls(view: View, open: ToolRow[], deadline: number | null): Action {
  const waiting = open.filter((row) => row.state === "waiting");
  const isDue = (row: ToolRow): boolean => (row.question?.expiresAt ?? 0) <= view.now;
  const toLook = view.hasLooked ? waiting.filter(isDue) : waiting;
  if (toLook.length > 0) return { do: "look", rows: toLook };
  const others = open.filter((row) => row.state !== "waiting");
  const runnable = others.filter((row) => row.notBefore <= view.now);
  if (runnable.length > 0) return { do: "calls", rows: runnable };
  const expiries = waiting.map((row) => row.question?.expiresAt ?? view.now);
  if (others.length > 0) return rest(view, [...expiries, ...others.map((row) => row.notBefore), deadline]);
  return { do: "wait", until: earliest([...expiries, ...view.duties.map(({ at }) => at)]) };
}

function nextOfTurns(view: View, deadline: number | null): Action {
  const turns = view.rows.filter((row): row is ModelRow => row.kind === "model");
  const last = turns.at(-1);
  if (last?.state === "asking") return { do: "settle", row: last };
  if (last?.state === "resting") {
    return last.notBefore > view.now ? rest(view, [last.notBefore, deadline]) : { do: "ask", row: last };
  }
  if (turns.length >= view.limits.turns) {
    const message = `The job's limit of ${view.limits.turns} turns is reached. Raise limits.turns if it needs more.`;
    return { do: "fail", code: "turn_limit", message };
  }
  return { do: "ask", row: null };
}

function timeLimit({ minutes }: JobLimits): Action {
  const message = `The job's limit of ${minutes} minutes is reached. Raise limits.minutes if it needs more.`;
  return { do: "fail", code: "time_limit", message };
}

function rest(view: View, times: readonly (number | null)[]): Action {
  return { do: "rest", until: earliest([...times, ...view.duties.map(({ at }) => at)]) };
}

function earliest(times: readonly (number | null)[]): number | null {
  const known = times.filter((at) => at !== null);
  return known.length === 0 ? null : Math.min(...known);
}
