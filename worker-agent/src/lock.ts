/** One agent per data root: a lock file with the pid and its start time, so that a stale one is recognised. */
import { rm, writeFile } from "node:fs/promises";
import * as z from "zod";
import type { DataRoot } from "./host/data-root.ts";
import { isSameProcess, readProcess } from "./host/processes.ts";
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
export async function takeLock(root: DataRoot): Promise<() => Promise<void>> {
  const me = await readProcess(process.pid);
  const record: LockRecord = { pid: process.pid, startTime: me?.startTime ?? 0 };
  for (;;) {
    try {
      await writeFile(root.lockFile, JSON.stringify(record), { flag: "wx", mode: 0o600 });
      return () => rm(root.lockFile, { force: true });
    } catch (error) {
      if (!isErrno(error, "EEXIST")) throw error;
    }
    const holder = await lockHolder(root);
    if (holder !== undefined) throw new AlreadyRunning(holder, root.path);
    await rm(root.lockFile, { force: true });
  }
}

/** The pid of the agent that serves this data root now, if one does. */
export async function lockHolder(root: DataRoot): Promise<number | undefined> {
  // A lock whose writer died half-way holds nobody.
  const record = await readRecord(root.lockFile, LockRecord);
  if (!record) return undefined;
  return (await isSameProcess(record.pid, record.startTime)) ? record.pid : undefined;
}
