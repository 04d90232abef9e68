/** What a person is told about an app that ended without being asked to. Pure. */
import type { DesiredInstance, Reason } from "@roundhouse/protocol/instance";
import type { ExitRecord } from "../keeper/spec.ts";
import { MAX_RESTARTS_IN_ROW, nextRestart, type Restart } from "./restart.ts";
import type { InstanceState, Outcome } from "./state-file.ts";

export type Circumstances = {
  policy: DesiredInstance["restartPolicy"];
  /** What its log says about a port that somebody else had. */
  clash: Reason | undefined;
  nowMs: number;
};

/** The state after a death; `exit` is undefined when the keeper itself was lost. */
export function afterDeath(
  state: InstanceState,
  exit: ExitRecord | undefined,
  { policy, clash, nowMs }: Circumstances,
): InstanceState {
  const endedAtMs = exit ? Date.parse(exit.endedAt) : nowMs;
  const startedForMs = state.readyAt === null ? null : endedAtMs - Date.parse(state.readyAt);
  // What the script answers to being ended says nothing about the app that had left it.
  const own = exit?.endedBy === "itself" ? exit : undefined;
  const exitCode = own?.exitCode ?? null;
  const restart = nextRestart(policy, { exitCode, startedForMs }, state.restartsInRow);
  const outcome: Outcome = {
    kind: "failed",
    reason: { ...describe(exit, state.port), ...hintOf(clash, restart) },
    exitCode,
    signal: own?.signal ?? null,
    restartAtMs: restart.restart ? nowMs + restart.delayMs : null,
  };
  return { ...state, restartsInRow: restart.restartsInRow, outcome };
}

function describe(exit: ExitRecord | undefined, port: number | null): Reason {
  if (!exit) return { code: "keeper_lost", message: "the process that kept the app was killed, and the app with it" };
  if (exit.endedBy === "app_gone") {
    return { code: "app_gone", message: `the app on port ${port} is gone, although its script still ran` };
  }
  if (exit.endedBy === "shutdown") return { code: "keeper_ended", message: "the app's keeper was told to end" };
  if (exit.spawnError !== null) return { code: "cannot_start", message: exit.spawnError };
  if (exit.outOfMemory) return { code: "out_of_memory", message: "killed by the kernel: out of memory" };
  if (exit.signal !== null) return { code: "killed", message: `ended by ${exit.signal}` };
  return { code: "exited", message: `ended with exit code ${exit.exitCode}` };
}

function hintOf(clash: Reason | undefined, restart: Restart): Pick<Reason, "hint"> {
  const hints = [clash && `${clash.message}: ${clash.hint}`, describeRestart(restart)];
  const hint = hints.filter((one) => one !== undefined).join("; ");
  return hint === "" ? {} : { hint };
}

function describeRestart(restart: Restart): string | undefined {
  if (restart.restart) {
    const number = `${restart.restartsInRow} of ${MAX_RESTARTS_IN_ROW}`;
    return `it starts again in ${restart.delayMs / 1000} s (${number})`;
  }
  return restart.gaveUp ? `gave up after ${MAX_RESTARTS_IN_ROW} restarts in a row` : undefined;
}
