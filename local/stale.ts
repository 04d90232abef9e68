/** An agent that outlived an earlier `npm start` (its parent was killed): ended here, its apps left running. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startTimeOf } from "./process.ts";

const STOP_LIMIT_MS = 5_000;

/** The next agent adopts what this one leaves behind. */
export async function endStaleAgent(nodeData: string): Promise<void> {
  const record = readLock(join(nodeData, "agent.pid"));
  if (!record || startTimeOf(record.pid) !== record.startTime) return;
  process.kill(record.pid, "SIGTERM");
  for (const limit = Date.now() + STOP_LIMIT_MS; Date.now() < limit; await sleep(50)) {
    if (startTimeOf(record.pid) !== record.startTime) return;
  }
  process.kill(record.pid, "SIGKILL");
}

function readLock(file: string): { pid: number; startTime: number } | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as { pid: number; startTime: number };
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    if (isMissing || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
