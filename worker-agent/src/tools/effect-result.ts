/** What the end of an effect means, in words for the model: exit code, signal, limit, and its output. */
import type { EffectEnd, Ended } from "../effects/effect.ts";
import { readLog } from "../instances/log.ts";
import type { ExitRecord } from "../keeper/spec.ts";
import type { ReadOutput } from "./call.ts";
import { excerptOf } from "./output.ts";
import { DID_IT, DID_NOT } from "./program/job.ts";

const MS_PER_SECOND = 1_000;
const HALF_DONE = "It may have been done all the same, or in part: look before you do it again.";

export async function resultOf(end: EffectEnd): Promise<Ended> {
  const { spec, record, exit, logDir } = end;
  const durationMs = Math.max(0, Date.parse(exit.endedAt) - Date.parse(record.startedAt));
  const output = await excerptOf(logOutput(logDir), spec.id);
  const isProgram = spec.call.tool === "exec_command";
  const told = isProgram ? ofCommand(end, durationMs, output.text) : ofToolProgram(exit, output.text);
  if (!told) return { state: "unknown", message: `The tool itself ended without a result. ${HALF_DONE}` };
  const exitCode = isProgram ? exit.exitCode : null;
  return { state: "done", result: { ...told, more: output.more ?? null, exitCode, durationMs } };
}

export function logOutput(logDir: string): ReadOutput {
  return (offset, maxBytes) => readLog(logDir, offset, maxBytes);
}

function ofCommand({ spec, exit }: EffectEnd, durationMs: number, output: string): { ok: boolean; content: string } {
  const words = endOf(exit, spec.command, (spec.timeLimitMs ?? 0) / MS_PER_SECOND);
  const took = `${(durationMs / MS_PER_SECOND).toFixed(1)} s`;
  const shown = output.trim() === "" ? "It printed nothing." : output;
  return { ok: exit.exitCode === 0 && exit.endedBy === "itself", content: `${words} (${took})\n${shown}` };
}

function endOf(exit: ExitRecord, command: string, limitSeconds: number): string {
  if (exit.spawnError !== null) return notStarted(exit.spawnError, command);
  if (exit.endedBy === "time_limit") return `Stopped: it took longer than its limit of ${limitSeconds} s.`;
  if (exit.endedBy === "stop") return "Cancelled: it was stopped with all that it had started.";
  if (exit.endedBy === "shutdown") return "Stopped: the node ended its programs.";
  if (exit.signal === null) return `Exit code ${exit.exitCode}.`;
  return `Killed by ${exit.signal}${exit.outOfMemory ? ": the node's memory had run out" : ""}.`;
}

function notStarted(error: string, command: string): string {
  if (error.includes("ENOENT")) return `Not started: there is no program ${JSON.stringify(command)} on the node.`;
  if (error.includes("E2BIG")) return "Not started: its arguments are too long. Write them to a file first.";
  return `Not started: ${error}.`;
}

/** Undefined where it ended without saying what it did. */
function ofToolProgram(exit: ExitRecord, output: string): { ok: boolean; content: string } | undefined {
  if (exit.spawnError !== null) return { ok: false, content: `Not started: ${exit.spawnError}. Nothing was changed.` };
  if (exit.exitCode === DID_IT) return { ok: true, content: output };
  if (exit.exitCode === DID_NOT) return { ok: false, content: output };
  if (exit.endedBy === "itself") return undefined;
  const why = exit.endedBy === "stop" ? "Cancelled." : "Stopped.";
  return { ok: false, content: `${why} ${HALF_DONE}` };
}
