/** Steps put together as a person reads them: each turn of the model with the calls that came of it. */
import type { ModelStep, Step, ToolStep } from "@roundhouse/protocol/api/run";

type Note = Extract<Step, { kind: "note" }>;
export type Turn = { turn: number; model: ModelStep | null; parts: readonly (ToolStep | Note)[] };

/** In the order of their first step. What comes before the first turn is turn 0. */
export function turnsOf(steps: readonly Step[]): Turn[] {
  const turns = new Map<number, { turn: number; model: ModelStep | null; parts: (ToolStep | Note)[] }>();
  for (const step of steps.toSorted((one, other) => one.seq - other.seq)) {
    const turn = turns.get(step.turn) ?? { turn: step.turn, model: null, parts: [] };
    turns.set(step.turn, turn);
    if (step.kind === "model") turn.model = step;
    else turn.parts.push(step);
  }
  return [...turns.values()];
}

/** In ms; up to now for one that is still under way. */
export function durationOf(step: { startedAt: string; endedAt: string | null }, now: number): number {
  const end = step.endedAt === null ? now : Date.parse(step.endedAt);
  return Math.max(0, end - Date.parse(step.startedAt));
}
