/** What is reported of an instance, from what its worker knows. Pure. */
import type { DesiredInstance, NodeStatus, ObservedInstance, Reason } from "@roundhouse/protocol/instance";
import { unreachable } from "@roundhouse/protocol/exhaustive";
import type { ObservedPort } from "@roundhouse/protocol/ports";
import type { KnownReason } from "@roundhouse/protocol/reasons";
import { goneReason } from "./death.ts";
import type { RunningStatus } from "./health.ts";
import type { InstanceState } from "./state-file.ts";

export type RunningPicture = {
  is: "running";
  status: RunningStatus;
  appGone: boolean;
  reason: KnownReason | null;
  pid: number | null;
  startedAt: string;
  ports: ObservedPort[];
};

export type Picture = {
  /** null: on disk only; the control plane does not know it. */
  wish: DesiredInstance | null;
  state: InstanceState;
  process: { is: "none" } | RunningPicture | { is: "clearing" };
  /** A launch is being prepared, or would be if the blueprint's source were here. */
  launching: boolean;
  /** What went wrong with the last step taken, other than a launch. */
  trouble: KnownReason | null;
  waitingFor: KnownReason | null;
  /** How far its folder is made, where that is still to be done; `failed` with the reason. */
  making: { failed: false; reason: KnownReason } | { failed: true; reason: Reason } | null;
  lastLines: string[];
  diskBytes: number | null;
};

export function statusOf({ wish, state, process, launching, trouble, making }: Picture): NodeStatus {
  const stays = wish === null || (wish.desired === "running" && wish.epoch === state.launchedEpoch);
  switch (process.is) {
    case "running":
      if (!stays) return "stopping";
      return process.appGone ? "error" : process.status;
    case "clearing":
      return stays && state.outcome.kind === "failed" ? "error" : "stopping";
    case "none":
      if (trouble) return "error";
      if (wish?.desired === "deleted") return "stopping";
      if (making) return making.failed ? "error" : "installing";
      if (launching) return state.everStarted ? "starting" : "installing";
      return state.outcome.kind === "failed" && stays ? "error" : "stopped";
    default:
      return unreachable(process);
  }
}

export function observe(picture: Picture & { wish: DesiredInstance }, since: string): ObservedInstance {
  const { wish, state, process } = picture;
  const status = statusOf(picture);
  const running = process.is === "running" ? process : null;
  const failed = status === "error" && state.outcome.kind === "failed" && !running ? state.outcome : null;
  return {
    id: wish.id,
    generation: wish.generation,
    epoch: state.launchedEpoch,
    status,
    since,
    reason: reasonOf(picture, status),
    pid: running?.pid ?? null,
    port: state.port,
    ports: running?.ports ?? [],
    exitCode: failed?.exitCode ?? null,
    signal: failed?.signal ?? null,
    startedAt: running?.startedAt ?? null,
    lastLines: picture.lastLines,
    diskBytes: picture.diskBytes,
    exposed: exposedOf(running?.ports ?? []),
    lapsed:
      process.is === "none" && status === "stopped" && state.outcome.kind === "lapsed" && wish.desired === "running",
  };
}

/** Once each: a declared port may stand in for the main one. */
function exposedOf(ports: readonly ObservedPort[]): number[] {
  return [...new Set(ports.filter((one) => one.exposed).map((one) => one.port))].toSorted((a, b) => a - b);
}

function reasonOf(
  { state, process, trouble, waitingFor, launching, making, lastLines }: Picture,
  status: NodeStatus,
): Reason | null {
  if (process.is === "running") {
    return process.appGone ? goneReason(state, lastLines) : process.reason;
  }
  if (trouble) return trouble;
  if (making && status !== "stopping") return making.reason;
  if (launching) return waitingFor;
  if (status === "stopped" && state.outcome.kind === "stopped") return state.outcome.reason ?? null;
  return status === "error" && state.outcome.kind === "failed" ? state.outcome.reason : null;
}

/** What an instance waits for whose family launches another one, by that one's name. */
export function waitingForFamily(name: string): KnownReason {
  const message = `waiting until ${JSON.stringify(name)} has started: they share one installation`;
  return { code: "waiting_for_family", message };
}
