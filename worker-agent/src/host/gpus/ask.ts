/** Asking the tools of GPU drivers, which may hang. */
import { runProgram } from "../programs.ts";

/** A tool that hung is left alone for a while: it may be stuck in the driver, where even a kill does not end it. */
const HUNG_PAUSE_MS = 5 * 60_000;

export type Tool = { command: string; args: string[] };

/** A function that gives what a tool printed, and nothing for one that is missing or hangs. It never throws. */
export function createAsker({ run = runProgram, now = Date.now } = {}): (tool: Tool) => Promise<string> {
  const pausedUntil = new Map<string, number>();
  return async ({ command, args }) => {
    if ((pausedUntil.get(command) ?? 0) > now()) return "";
    const result = await run(command, args);
    if (result.kind === "hung") pausedUntil.set(command, now() + HUNG_PAUSE_MS);
    return result.kind === "ended" ? result.stdout : "";
  };
}
