/** Waits for a run on behalf of a client, and tells it how far the run is. */
import { isOver, type Run } from "@roundhouse/protocol/api/run";
import { getRun } from "../services/run/get.ts";
import { type ShownRun, showRun } from "./shown-run.ts";
import type { Caller } from "./tool.ts";

/** Each look asks the database twice, and one request may ask it a thousand times. */
export const MAX_WAIT_SECONDS = 300;
const LOOK_EVERY_MS = 1000;

/** Until it is over, asks a person, or the time is up. A client that goes away ends the waiting, never the run. */
export async function followRun(caller: Caller, shown: ShownRun, waitSeconds: number): Promise<ShownRun> {
  if (waitSeconds === 0) return shown;
  const begin = Date.now();
  const passed = () => Math.min(waitSeconds, (Date.now() - begin) / 1000);
  let run: Run = shown.run;
  while (!isOver(run.status) && run.status !== "waiting" && passed() < waitSeconds && !caller.signal.aborted) {
    await caller.progress({ done: passed(), total: waitSeconds, message: wordsOf(run) });
    await pause(Math.min(LOOK_EVERY_MS, (waitSeconds - passed()) * 1000), caller.signal);
    await caller.requireRole("operator");
    run = await getRun(caller.ctx, run.id);
  }
  return showRun(caller.ctx, run);
}

function wordsOf({ status, turns, doing }: Run): string {
  return [status, `turn ${turns}`, ...(doing === null ? [] : [doing])].join(", ");
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", () => (clearTimeout(timer), done()), { once: true });
  });
}
