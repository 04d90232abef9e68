/** What a figure should reach, by itself or beside another way's. */
import { type WayName, WAYS } from "./ways/target.ts";

/** `compared` is the figure that the goal is about, as it is shown; undefined when there is nothing to compare with. */
export type Goal = {
  reach: string;
  judge(figureOf: (way: WayName) => number | undefined): { compared: string; isMet: boolean } | undefined;
};

type Limit = { atLeast: number } | { atMost: number };

/** Ours as a multiple of another way's. */
export function ratio(other: WayName, limit: Limit): Goal {
  return goal(`${shown(limit)} × ${WAYS[other]}`, (figureOf) => {
    const [ours, others] = [figureOf("ours"), figureOf(other)];
    if (ours === undefined || others === undefined) return undefined;
    return { compared: `${(ours / others).toFixed(2)} ×`, isMet: isWithin(ours / others, limit) };
  });
}

/** What ours takes longer than another way, in ms. */
export function added(other: WayName, atMostMs: number): Goal {
  return goal(`${shown({ atMost: atMostMs })} ms over ${WAYS[other]}`, (figureOf) => {
    const [ours, others] = [figureOf("ours"), figureOf(other)];
    if (ours === undefined || others === undefined) return undefined;
    return { compared: `+${(ours - others).toFixed(2)} ms`, isMet: ours - others <= atMostMs };
  });
}

/** Ours as it is. */
export function within(limit: Limit, unit: string): Goal {
  return goal(`${shown(limit)} ${unit}`.trim(), (figureOf) => {
    const ours = figureOf("ours");
    return ours === undefined ? undefined : { compared: "", isMet: isWithin(ours, limit) };
  });
}

function goal(reach: string, judge: Goal["judge"]): Goal {
  return { reach, judge };
}

function isWithin(value: number, limit: Limit): boolean {
  return "atLeast" in limit ? value >= limit.atLeast : value <= limit.atMost;
}

function shown(limit: Limit): string {
  return "atLeast" in limit ? `≥ ${limit.atLeast}` : `≤ ${limit.atMost}`;
}
