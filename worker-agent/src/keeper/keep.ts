/** A keeper's life: take the job, start the child, hold it, record its end, clear up after it. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readProcess } from "../host/processes.ts";
import { startChild, type ChildEnd } from "./child.ts";
import { writeDurably } from "./durable-file.ts";
import { createEnding, processesOfChild, type Ending } from "./ending.ts";
import { openLog } from "./log.ts";
import { readOomKills } from "./memory.ts";
import { redactedLog } from "./redacted-log.ts";
import type { Secrets } from "./secrets.ts";
import { serveKeeper } from "./server.ts";
import { EXIT_RECORD, KEEPER_RECORD, type ExitRecord, type KeeperRecord, type KeeperSpec } from "./spec.ts";

/** What a child left behind gets less time than a child that is asked to stop. */
const LEFTOVER_GRACE_MS = 3_000;
const DISK_RETRY_MS = 1_000;
/** From the end of all efforts to stop it to the belief that the child itself outlives them. */
const LAST_WORD_MS = 1_000;
/** Of a child that even SIGKILL does not end: it waits in the kernel. */
const NOT_ENDED: ChildEnd = { exitCode: null, signal: null, spawnError: null };

/** Runs the job to its end. `secrets` are variables of the child; its log does not show them. Call only after `claimJob` said yes. */
export async function keep(spec: KeeperSpec, secrets: Secrets): Promise<void> {
  const oomKillsBefore = await readOomKills();
  const log = redactedLog(await openLog(spec.logDir), Object.values(secrets));
  let record = await newRecord(spec);
  const save = () => writeRecord(join(spec.dir, KEEPER_RECORD), record);
  await save();
  // What an effect's log holds is its output, and nothing else.
  if (spec.kind === "instance") await log.note(`launch ${spec.launch} · ${record.startedAt}`);

  const child = await startChild(spec, secrets, log);
  record = { ...record, child: child.process };
  const ending = endingOf(spec, record);
  let endedBy: ExitRecord["endedBy"] = "itself";
  let exit: ExitRecord | null = null;
  let giveUp: (end: ChildEnd) => void = () => undefined;
  const givenUp = new Promise<ChildEnd>((resolve) => (giveUp = resolve));
  function stop(cause: Exclude<ExitRecord["endedBy"], "itself">, graceMs = spec.stopGraceMs): void {
    if (endedBy === "itself" && !exit) endedBy = cause;
    const ended = ending?.end(graceMs) ?? Promise.resolve();
    ended.then(
      () => setTimeout(() => giveUp(NOT_ENDED), LAST_WORD_MS).unref(),
      (error: Error) => log.note(`stopping failed: ${error.message}`),
    );
  }
  process.on("SIGTERM", () => stop("shutdown"));
  if (spec.kind === "effect" && spec.timeLimitMs !== null)
    setTimeout(() => stop("time_limit"), spec.timeLimitMs).unref();
  await save();
  const server = await serveKeeper(spec.socket, {
    state: () => ({ record, stopping: endedBy !== "itself", exit }),
    stop,
  });

  const end = await Promise.race([child.ended, givenUp]);
  const cause = endedBy;
  await child.drained();
  await log.flush();
  exit = exitRecord(record, end, cause, await wasOutOfMemory(oomKillsBefore));
  await persist(join(spec.dir, EXIT_RECORD), exit);
  server.announceExit(exit);
  await ending?.end(LEFTOVER_GRACE_MS);
  await child.drained();
  await log.close();
  await server.close();
}

async function newRecord(spec: KeeperSpec): Promise<KeeperRecord> {
  const self = await readProcess(process.pid);
  return {
    version: 1,
    bootId: await readBootId(),
    keeperPid: process.pid,
    keeperStartTime: self?.startTime ?? 0,
    child: null,
    marker: spec.marker,
    socket: spec.socket,
    epoch: spec.kind === "instance" ? spec.epoch : null,
    launch: spec.kind === "instance" ? spec.launch : null,
    ready: spec.kind === "instance" ? spec.ready : "http",
    startedAt: new Date().toISOString(),
  };
}

/** The host's boot: process numbers and start times only mean something within one. */
export async function readBootId(): Promise<string> {
  return (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
}

function endingOf(spec: KeeperSpec, { child }: KeeperRecord): Ending | null {
  return child && createEnding({ ...child, marker: spec.marker }, processesOfChild);
}

function exitRecord(
  { epoch, launch }: KeeperRecord,
  end: ChildEnd,
  endedBy: ExitRecord["endedBy"],
  outOfMemory: boolean | null,
): ExitRecord {
  return { version: 1, epoch, launch, ...end, endedAt: new Date().toISOString(), endedBy, outOfMemory };
}

/** Whether the kernel killed something for memory while this child ran; null where it does not tell. */
async function wasOutOfMemory(before: number | null): Promise<boolean | null> {
  const after = await readOomKills();
  return before === null || after === null ? null : after > before;
}

/** The keeper of an earlier launch may still be at it. */
function writeRecord(path: string, record: KeeperRecord | ExitRecord): Promise<void> {
  return writeDurably(path, record, `${path}.${process.pid}.tmp`);
}

/** How it ended must not be lost to a full disk: the keeper waits until there is room. */
async function persist(path: string, exit: ExitRecord): Promise<void> {
  for (;;) {
    try {
      return await writeRecord(path, exit);
    } catch (error) {
      if (!(error instanceof Error && "code" in error) || error.code === "ENOENT") throw error;
      await sleep(DISK_RETRY_MS);
    }
  }
}
