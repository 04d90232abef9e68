/** Finding again what an earlier agent launched: a keeper that still runs it, its last words, or an app left alone. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { DataRoot } from "../host/data-root.ts";
import type { KeeperLink } from "../keeper/client.ts";
import { isErrno, readRecord } from "../keeper/durable-file.ts";
import { endLeftovers, reachKeeper } from "../keeper/reach.ts";
import { EXIT_RECORD, ExitRecord, KEEPER_RECORD, KeeperRecord } from "../keeper/spec.ts";
import { specFileOf } from "./launch.ts";
import { statePaths, type InstanceState } from "./state-file.ts";

const RECORD_LIMIT_MS = 3_000;
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
  const link = await reachKeeper(record);
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
