/** The status a person sees, from the wish, the last report and the link. Pure. */
import type { InstanceStatus } from "@roundhouse/protocol/instance";
import type { instances } from "../../db/instances.ts";

export type InstanceRow = typeof instances.$inferSelect;
export type StatusFacts = Pick<
  InstanceRow,
  | "desired"
  | "origin"
  | "epoch"
  | "generation"
  | "observedStatus"
  | "observedEpoch"
  | "observedGeneration"
  | "firstStartedAt"
>;

/**
 * What the node reported, except where the wish is newer than the report: then what the node is about to do, so that a
 * person sees their click at once. Without a link nothing is known, unless nothing ever happened.
 */
export function statusOf(row: StatusFacts, isNodeOnline: boolean): InstanceStatus {
  if (!isNodeOnline) return wasEverTouched(row) ? "unreachable" : "stopped";
  if (isAnswered(row)) return row.observedStatus ?? "stopped";
  switch (row.desired) {
    case "running":
      return row.firstStartedAt ? "starting" : "installing";
    case "stopped":
      // Its node begins to make its folder as soon as it hears of it.
      if (row.origin !== null && row.observedStatus === null) return "installing";
      return isAtRest(row) ? (row.observedStatus ?? "stopped") : "stopping";
    case "deleted":
      return isAtRest(row) ? (row.observedStatus ?? "stopped") : "stopping";
  }
}

/** True when the report is the answer to the wish: to this very one, or to one that asked for the same launch. */
export function isAnswered(row: StatusFacts): boolean {
  if (row.observedStatus === null) return false;
  if (row.observedGeneration === row.generation) return true;
  return row.desired === "running" && row.observedEpoch === row.epoch;
}

/** True when the app that this wish launched has ended, or could not be launched: the next start is a new launch. */
export function isDead(row: StatusFacts): boolean {
  return isAnswered(row) && (row.observedStatus === "error" || row.observedStatus === "stopped");
}

function isAtRest({ observedStatus }: StatusFacts): boolean {
  return observedStatus === null || observedStatus === "stopped" || observedStatus === "error";
}

function wasEverTouched({ observedStatus, epoch }: StatusFacts): boolean {
  return observedStatus !== null || epoch > 0;
}
