/** What to do next for one instance: the difference between what is wanted and what is. Pure. */
import type { Desired } from "@roundhouse/protocol/instance";
import { unreachable } from "@roundhouse/protocol/exhaustive";
import type { ExitRecord, StopCause } from "../keeper/spec.ts";
import { MAX_DELAY_MS } from "./restart.ts";
import type { Outcome } from "./state-file.ts";

/** null: the control plane does not know the instance, so nothing is done to it. */
export type Wish = { desired: Desired; epoch: number } | null;

export type Actual = {
  launchedEpoch: number | null;
  process:
    | { is: "none"; outcome: Outcome }
    /** `appGone`: the keeper's child sleeps on without its app. */
    | { is: "running"; appGone: boolean }
    /** The child has ended, what it left behind has not. */
    | { is: "clearing" };
  /** The launch waits for something of the control plane: the blueprint's source, or secrets. */
  supplyMissing: boolean;
  /** One of its family is being launched: they share one installation, and only one at a time may work in it. */
  familyBusy: boolean;
  /** Its folder is still to be made from its origin: now, when others no longer work there, or not before a new epoch. */
  origin: "made" | "due" | "busy" | "failed";
  /** Its installation is to be taken away first, as soon as nobody of its family works in it. */
  resetDue: boolean;
  /** A satellite of this instance runs, or is itself still to be removed. */
  satelliteRemains: boolean;
  removed: boolean;
};

export type Step =
  | { do: "nothing" }
  | { do: "wait"; untilMs: number }
  /** Its installation is taken away. */
  | { do: "reset" }
  /** Its folder, from its origin. */
  | { do: "make" }
  | { do: "launch" }
  | { do: "stop"; cause: StopCause }
  | { do: "remove" };

const NOTHING: Step = { do: "nothing" };

export function nextStep(wish: Wish, actual: Actual, nowMs: number): Step {
  if (!wish || actual.removed) return NOTHING;
  const { process } = actual;
  switch (process.is) {
    case "clearing":
      return NOTHING;
    case "running":
      if (wish.desired !== "running" || wish.epoch !== actual.launchedEpoch) return { do: "stop", cause: "stop" };
      return process.appGone ? { do: "stop", cause: "app_gone" } : NOTHING;
    case "none":
      return stepWithoutProcess(wish, actual, process.outcome, nowMs);
    default:
      return unreachable(process);
  }
}

function stepWithoutProcess(wish: NonNullable<Wish>, actual: Actual, outcome: Outcome, nowMs: number): Step {
  switch (wish.desired) {
    case "deleted":
      return actual.satelliteRemains ? NOTHING : { do: "remove" };
    case "stopped":
      return firstOf(actual) ?? NOTHING;
    case "running": {
      const first = firstOf(actual);
      if (first) return first;
      const launch: Step = actual.supplyMissing || actual.familyBusy ? NOTHING : { do: "launch" };
      if (wish.epoch !== actual.launchedEpoch || outcome.kind === "revive") return launch;
      if (outcome.kind !== "failed" || outcome.restartAtMs === null) return NOTHING;
      // Further off than any back-off: the host's clock was put back since.
      const isDue = outcome.restartAtMs <= nowMs || outcome.restartAtMs - nowMs > MAX_DELAY_MS;
      return isDue ? launch : { do: "wait", untilMs: outcome.restartAtMs };
    }
    default:
      return unreachable(wish.desired);
  }
}

/** What comes before a launch, and is done at rest as well. */
function firstOf({ origin, resetDue, satelliteRemains, familyBusy }: Actual): Step | undefined {
  if (origin !== "made") return origin === "due" ? { do: "make" } : NOTHING;
  if (!resetDue) return undefined;
  return satelliteRemains || familyBusy ? NOTHING : { do: "reset" };
}

/** What an agent that just started makes of a launch that ended while none was there. */
export function outcomeAfterAbsence({ endedBy }: Pick<ExitRecord, "endedBy">, autostart: boolean): Outcome | "died" {
  switch (endedBy) {
    case "itself":
    case "app_gone":
    case "time_limit":
      return "died";
    case "stop":
      return { kind: "stopped" };
    case "shutdown":
      return { kind: autostart ? "revive" : "lapsed" };
    default:
      return unreachable(endedBy);
  }
}
