/** What a person is told about an app that ended without being asked to. Pure. */
import type { DesiredInstance, Reason } from "@roundhouse/protocol/instance";
import type { KnownReason } from "@roundhouse/protocol/reasons";
import type { ExitRecord } from "../keeper/spec.ts";
import { causeOf, killedForMemory } from "./cause.ts";
import { clueIn, saysKilled } from "./clues.ts";
import { MAX_RESTARTS_IN_ROW, nextRestart, type Restart } from "./restart.ts";
import type { InstanceState, Outcome } from "./state-file.ts";

/** What is known at a death beside how the process ended. */
export type Scene = {
  lastLines: string[];
  memoryBytes: number | null;
  /** What its log says about a port that somebody else had, and who that is. */
  clash: KnownReason | undefined;
  nowMs: number;
};

/** The state after a death; `exit` is undefined when the keeper itself was lost. */
export function afterDeath(
  state: InstanceState,
  exit: ExitRecord | undefined,
  policy: DesiredInstance["restartPolicy"],
  scene: Scene,
): InstanceState {
  const { nowMs } = scene;
  const endedAtMs = exit ? Date.parse(exit.endedAt) : nowMs;
  const startedForMs = state.readyAt === null ? null : endedAtMs - Date.parse(state.readyAt);
  // What the script answers to being ended says nothing about the app that had left it.
  const own = exit?.endedBy === "itself" ? exit : undefined;
  const exitCode = own?.exitCode ?? null;
  const restart = nextRestart(policy, { exitCode, startedForMs }, state.restartsInRow);
  const isFirst = restart.restart && restart.restartsInRow === 1;
  const failingSince = isFirst || state.failingSince === null ? new Date(endedAtMs).toISOString() : state.failingSince;
  const outcome: Outcome = {
    kind: "failed",
    reason: withHint(describe(state, exit, scene), hintOf(restart, failingSince)),
    exitCode,
    signal: own?.signal ?? null,
    restartAtMs: restart.restart ? nowMs + restart.delayMs : null,
  };
  return { ...state, restartsInRow: restart.restartsInRow, failingSince, outcome };
}

function describe(state: InstanceState, exit: ExitRecord | undefined, scene: Scene): KnownReason {
  if (!exit) return { code: "keeper_lost", message: "the process that kept the app was killed, and the app with it" };
  if (exit.endedBy === "app_gone") return describeGone(state, exit, scene);
  if (exit.endedBy === "shutdown") return { code: "keeper_ended", message: "the app's keeper was told to end" };
  if (exit.spawnError !== null) return { code: "cannot_start", message: exit.spawnError };
  return preferring(scene.clash, causeOf({ ...exit, ...scene }));
}

/** Who holds the port is more to go by than that somebody does, or than a bare exit code. */
function preferring(clash: KnownReason | undefined, cause: KnownReason): KnownReason {
  return clash && (cause.code === clash.code || cause.code === "exited") ? clash : cause;
}

function describeGone(state: InstanceState, exit: ExitRecord, scene: Scene): KnownReason {
  if (!exit.outOfMemory || !saysKilled(scene.lastLines)) return goneReason(state, scene.lastLines, scene.clash);
  return killedForMemory(scene, "the kernel killed the app, although its script still ran: the node's memory ran out");
}

/** Of an app that its script outlived: there is no exit code of it, so what it said is all there is. */
export function goneReason({ port, readyAt }: InstanceState, lastLines: string[], clash?: KnownReason): KnownReason {
  const gone =
    readyAt === null
      ? `the app ended before it answered on port ${port}, although its script still ran`
      : `the app on port ${port} is gone, although its script still ran`;
  const clue = clash ?? clueIn(lastLines);
  // The cause first: a row of the table has room for no more.
  return clue ? { ...clue, message: `${clue.message}; ${gone}` } : { code: "app_gone", message: gone };
}

function withHint(reason: KnownReason, more: string | undefined): Reason {
  const hint = [reason.hint, more].filter((one) => one !== undefined).join(" ");
  return hint === "" ? reason : { ...reason, hint };
}

function hintOf(restart: Restart, failingSince: string): string | undefined {
  if (restart.restart) {
    const number = `${restart.restartsInRow} of ${MAX_RESTARTS_IN_ROW}`;
    return `It starts again in ${restart.delayMs / 1000} s (${number}).`;
  }
  if (!restart.gaveUp) return undefined;
  return `Gave up after ${MAX_RESTARTS_IN_ROW} restarts in a row since ${failingSince}: start it by hand once that is mended.`;
}
