/** An agent that outlived an earlier `npm start` (its parent was killed): ended here, its apps left running. */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readJsonIfThere } from "./file.ts";
import { startTimeOf } from "./process.ts";

const STOP_LIMIT_MS = 5_000;

/** The next agent adopts what this one leaves behind. */
export async function endStaleAgent(nodeData: string): Promise<void> {
  const record = readJsonIfThere(join(nodeData, "agent.pid")) as { pid: number; startTime: number } | undefined;
  if (!record || startTimeOf(record.pid) !== record.startTime) return;
  process.kill(record.pid, "SIGTERM");
  for (const limit = Date.now() + STOP_LIMIT_MS; Date.now() < limit; await sleep(50)) {
    if (startTimeOf(record.pid) !== record.startTime) return;
  }
  process.kill(record.pid, "SIGKILL");
}
