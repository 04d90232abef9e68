/** Another agent's keepers: reached by what they left on disk, or ended with all they ran when nobody answers. */
import { rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { isSameProcess, processesOfInstance } from "../host/processes.ts";
import { connectKeeper, type KeeperLink } from "./client.ts";
import { isErrno } from "./durable-file.ts";
import { createEnding } from "./ending.ts";
import { readBootId } from "./keep.ts";
import type { KeeperRecord } from "./spec.ts";

const LEFTOVER_GRACE_MS = 3_000;
const CONNECT_LIMIT_MS = 5_000;
const POLL_MS = 100;

/** The connection to the keeper, as long as the very process of the record lives. */
export async function reachKeeper(
  record: KeeperRecord,
  patienceMs = CONNECT_LIMIT_MS,
): Promise<KeeperLink | undefined> {
  if (record.bootId !== (await readBootId())) return undefined;
  for (const limitMs = Date.now() + patienceMs; Date.now() < limitMs; await sleep(POLL_MS)) {
    if (!(await isSameProcess(record.keeperPid, record.keeperStartTime))) return undefined;
    const link = await connectKeeper(record.socket).catch(() => undefined);
    if (link?.state.record.launch === record.launch) return link;
    link?.close();
  }
  return undefined;
}

/** Ends a keeper that cannot be reached and everything of its instance that is still there. */
export async function endLeftovers(record: KeeperRecord, graceMs = LEFTOVER_GRACE_MS): Promise<void> {
  if (record.bootId !== (await readBootId())) return;
  const { keeperPid, keeperStartTime, child, marker } = record;
  if (await isSameProcess(keeperPid, keeperStartTime)) kill(keeperPid);
  // Killed before it noted its child: then only the marker can tell, and no process has number 0.
  const root = child ?? { pid: 0, startTime: 0, pgid: 0 };
  await createEnding({ ...root, marker }, processesOfInstance).end(graceMs);
  await rm(record.socket, { force: true });
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (!isErrno(error, "ESRCH")) throw error;
  }
}
