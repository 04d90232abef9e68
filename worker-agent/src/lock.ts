/** One agent per data root: a lock file with the pid and its start time, so that a stale one is recognised. */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { limitedModeFor } from "./host/data-mode.ts";
import type { DataRoot } from "./host/data-root.ts";
import { isSameProcess, readProcess } from "./host/processes.ts";
import { inSpareFolder, isOwnFolder, spareFolders } from "./host/spare-folder.ts";
import { isErrno, readRecord } from "./keeper/durable-file.ts";

const LockRecord = z.object({ pid: z.int(), startTime: z.number() });
type LockRecord = z.infer<typeof LockRecord>;

/** Another agent serves this data root. */
export class AlreadyRunning extends Error {
  readonly pid: number;
  constructor(pid: number, path: string) {
    super(`an agent (pid ${pid}) already serves ${path}; stop it, or give this one another folder with --data`);
    this.pid = pid;
  }
}

/** Takes the lock, or throws {@link AlreadyRunning}. Answers how to give it back. */
export async function takeLock(root: DataRoot, spares = spareFolders(root.path)): Promise<() => Promise<void>> {
  const me = await readProcess(process.pid);
  const record: LockRecord = { pid: process.pid, startTime: me?.startTime ?? 0 };
  for (;;) {
    const holder = await lockHolder(root, spares);
    if (holder !== undefined) throw new AlreadyRunning(holder, root.path);
    const file = await writeLock(root, record, spares);
    if (file !== undefined) return () => rm(file, { force: true });
  }
}

/** The pid of the agent that serves this data root now, if one does. */
export async function lockHolder(root: DataRoot, spares = spareFolders(root.path)): Promise<number | undefined> {
  const owned = await Promise.all(spares.map(async (folder) => ((await isOwnFolder(folder)) ? [folder] : [])));
  const files = [root.lockFile, ...owned.flat().map(lockFileIn)];
  const pids = await Promise.all(files.map(holderOf));
  return pids.find((pid) => pid !== undefined);
}

async function holderOf(file: string): Promise<number | undefined> {
  // A lock whose writer died half-way holds nobody.
  const record = await readRecord(file, LockRecord);
  if (!record) return undefined;
  return (await isSameProcess(record.pid, record.startTime)) ? record.pid : undefined;
}

/** The file that was written; undefined when another agent was faster. It lies elsewhere when the data root takes none. */
async function writeLock(root: DataRoot, record: LockRecord, spares: string[]): Promise<string | undefined> {
  try {
    await mkdir(root.path, { recursive: true });
    return await writeLockFile(root.lockFile, record);
  } catch (error) {
    limitedModeFor(error, root.path);
    return inSpareFolder(spares, (folder) => writeLockFile(lockFileIn(folder), record));
  }
}

async function writeLockFile(file: string, record: LockRecord): Promise<string | undefined> {
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
      if ((await holderOf(file)) !== undefined) return undefined;
      await rm(file, { force: true });
    }
  }
}

function lockFileIn(spareFolder: string): string {
  return join(spareFolder, "agent.pid");
}
