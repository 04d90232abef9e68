/** One agent per data root: a lock file that says which process holds it, on which machine. */
import { mkdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { limitedModeFor } from "./host/data-mode.ts";
import type { DataRoot } from "./host/data-root.ts";
import { isSameProcess, readProcess } from "./host/processes.ts";
import { inSpareFolder, isOwnFolder, leaveSpareFolder, spareFolders } from "./host/spare-folder.ts";
import { isErrno, readRecord, whenMissing } from "./keeper/durable-file.ts";

/** `startTime` tells a stale lock. `host`: volumes are mounted on several machines, where process numbers tell nothing. */
const LockRecord = z.object({ pid: z.int(), startTime: z.number(), host: z.string().optional() });
type LockRecord = z.infer<typeof LockRecord>;

/** A held lock's file is touched this often; one of another machine that is not touched for the longer time is stale. */
const TOUCH_INTERVAL_MS = 4_000;
const QUIET_MS = 10_000;

export type LockOptions = { spares?: string[]; quietMs?: number };

/** Another agent serves this data root. */
export class AlreadyRunning extends Error {
  constructor(who: string, path: string) {
    super(`an agent (${who}) already serves ${path}; stop it, or give this one another folder with --data`);
  }
}

/** Takes the lock, or throws {@link AlreadyRunning}. Answers how to give it back. */
export async function takeLock(root: DataRoot, options: LockOptions = {}): Promise<() => Promise<void>> {
  const me = await readProcess(process.pid);
  const record: LockRecord = { pid: process.pid, startTime: me?.startTime ?? 0, host: hostname() };
  for (;;) {
    const holder = await lockHolder(root, options);
    if (holder !== undefined) throw new AlreadyRunning(`pid ${holder}`, root.path);
    const file = await writeLock(root, record, options);
    if (file !== undefined) return hold(file, root);
  }
}

/** The pid of the agent on this machine that serves this data root now, if one does. Throws for one on another machine. */
export async function lockHolder(root: DataRoot, options: LockOptions = {}): Promise<number | undefined> {
  const { spares = spareFolders(root.path), quietMs = QUIET_MS } = options;
  for (const file of [root.lockFile, ...(await ownLockFiles(spares))]) {
    const pid = await holderOf(file, root, quietMs);
    if (pid !== undefined) return pid;
  }
  return undefined;
}

async function ownLockFiles(spares: string[]): Promise<string[]> {
  const owned = await Promise.all(spares.map(async (folder) => ((await isOwnFolder(folder)) ? [folder] : [])));
  return owned.flat().map(lockFileIn);
}

async function holderOf(file: string, root: DataRoot, quietMs: number): Promise<number | undefined> {
  // A lock whose writer died half-way holds nobody.
  const record = await readRecord(file, LockRecord);
  if (!record) return undefined;
  const { pid, startTime, host = hostname() } = record;
  if (host === hostname()) return (await isSameProcess(pid, startTime)) ? pid : undefined;
  if (await isTouched(file, quietMs)) throw new AlreadyRunning(`on ${host}`, root.path);
  return undefined;
}

/** Only changes are looked at: the clocks of two machines differ. */
async function isTouched(file: string, quietMs: number): Promise<boolean> {
  const touchedAt = async () => (await stat(file).catch(whenMissing))?.mtimeMs;
  const before = await touchedAt();
  await sleep(quietMs);
  const after = await touchedAt();
  return after !== undefined && after !== before;
}

/** The file that was written; undefined when another agent was faster. It lies elsewhere when the data root takes none. */
async function writeLock(root: DataRoot, record: LockRecord, options: LockOptions): Promise<string | undefined> {
  const { spares = spareFolders(root.path), quietMs = QUIET_MS } = options;
  const isHeld = async (file: string) => (await holderOf(file, root, quietMs)) !== undefined;
  try {
    await mkdir(root.path, { recursive: true });
    return await writeLockFile(root.lockFile, record, isHeld);
  } catch (error) {
    if (error instanceof AlreadyRunning) throw error;
    limitedModeFor(error, root.path);
    return inSpareFolder(spares, (folder) => writeLockFile(lockFileIn(folder), record, isHeld));
  }
}

async function writeLockFile(
  file: string,
  record: LockRecord,
  isHeld: (file: string) => Promise<boolean>,
): Promise<string | undefined> {
  for (;;) {
    try {
      await writeFile(file, JSON.stringify(record), { flag: "wx", mode: 0o600 });
      return file;
    } catch (error) {
      if (!isErrno(error, "EEXIST")) {
        // A full disk may have taken the name.
        await rm(file, { force: true });
        throw error;
      }
      if (await isHeld(file)) return undefined;
      await rm(file, { force: true });
    }
  }
}

function hold(file: string, root: DataRoot): () => Promise<void> {
  const touch = () => utimes(file, new Date(), new Date());
  // A disk that takes no times any more is told of by others; the lock counts on this machine all the same.
  const timer = setInterval(() => void touch().catch(() => undefined), TOUCH_INTERVAL_MS).unref();
  return async () => {
    clearInterval(timer);
    await rm(file, { force: true });
    if (file !== root.lockFile) await leaveSpareFolder(dirname(file));
  };
}

function lockFileIn(spareFolder: string): string {
  return join(spareFolder, "agent.pid");
}
