/** Finding again what an earlier agent launched: a keeper that still runs it, its last words, or an app left alone. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { DataRoot } from "../host/data-root.ts";
import { isSameProcess, processesOfInstance } from "../host/processes.ts";
import { connectKeeper, type KeeperLink } from "../keeper/client.ts";
import { isErrno, readRecord } from "../keeper/durable-file.ts";
import { createEnding } from "../keeper/ending.ts";
import { readBootId } from "../keeper/keep.ts";
import { EXIT_RECORD, ExitRecord, KEEPER_RECORD, KeeperRecord } from "../keeper/spec.ts";
import { specFileOf } from "./launch.ts";
import { statePaths, type InstanceState } from "./state-file.ts";

const LEFTOVER_GRACE_MS = 3_000;
const RECORD_LIMIT_MS = 3_000;
const CONNECT_LIMIT_MS = 5_000;
const POLL_MS = 100;

export type Found =
  | { is: "running"; link: KeeperLink }
  | { is: "ended"; exit: ExitRecord }
  | { is: "lost" }
  /** No keeper ever took the job, and none will. */
  | { is: "unborn" };

/** What has become of the launch that the state says is in flight. What a dead keeper left running is ended first. */
export async function findLaunch(root: DataRoot, state: InstanceState): Promise<Found> {
  const { id } = state.desired;
  if (await takeBack(specFileOf(root, id, state.launch))) return { is: "unborn" };
  const record = await awaitRecord(root, state);
  if (!record) return { is: "lost" };
  const link = await reach(record);
  if (link) return { is: "running", link };
  await endLeftovers(record);
  const exit = await readExit(root, state);
  return exit ? { is: "ended", exit } : { is: "lost" };
}

/** How the last launch ended, when that was recorded. */
export async function readExit(root: DataRoot, { desired, launch }: InstanceState): Promise<ExitRecord | undefined> {
  const exit = await readRecord(join(statePaths(root, desired.id).dir, EXIT_RECORD), ExitRecord);
  return exit?.launch === launch ? exit : undefined;
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

/** True when the spec was still waiting: with it gone, no keeper can take the job any more. */
async function takeBack(specFile: string): Promise<boolean> {
  try {
    await rm(specFile);
    return true;
  } catch (error) {
    if (isErrno(error, "ENOENT")) return false;
    throw error;
  }
}

/** A keeper that has just taken the job writes its record within moments. */
async function awaitRecord(root: DataRoot, state: InstanceState): Promise<KeeperRecord | undefined> {
  const path = join(statePaths(root, state.desired.id).dir, KEEPER_RECORD);
  for (const limitMs = Date.now() + RECORD_LIMIT_MS; ; await sleep(POLL_MS)) {
    const record = await readRecord(path, KeeperRecord);
    if (record?.launch === state.launch) return record;
    if (Date.now() > limitMs) return undefined;
  }
}

/** The connection to the keeper, as long as the very process of the record lives. */
async function reach(record: KeeperRecord): Promise<KeeperLink | undefined> {
  if (record.bootId !== (await readBootId())) return undefined;
  for (const limitMs = Date.now() + CONNECT_LIMIT_MS; Date.now() < limitMs; await sleep(POLL_MS)) {
    if (!(await isSameProcess(record.keeperPid, record.keeperStartTime))) return undefined;
    const link = await connectKeeper(record.socket).catch(() => undefined);
    if (link?.state.record.launch === record.launch) return link;
    link?.close();
  }
  return undefined;
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (!isErrno(error, "ESRCH")) throw error;
  }
}
