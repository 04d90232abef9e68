/** Ending the processes of an instance or a terminal: ask, wait, then kill, until none is left. */
import { setTimeout as sleep } from "node:timers/promises";
import {
  type Head,
  isSameProcess,
  processesOfInstance,
  readProcess,
  sessionOf,
  type InstanceRoot,
} from "../host/processes.ts";
import { isErrno } from "./durable-file.ts";

const POLL_MS = 100;
/** A process in an uninterruptible wait (a dead network disk) survives SIGKILL: after this long we stop waiting for it. */
const KILL_LIMIT_MS = 15_000;

export type Ending = {
  /** Begins, or shortens the grace of what has begun. Resolves when nothing is left (or only what cannot be killed). */
  end(graceMs: number): Promise<void>;
};

export function createEnding<Root extends Head>(
  root: Root,
  find: (root: Root) => Promise<number[]>,
  firstSignal: NodeJS.Signals = "SIGTERM",
): Ending {
  let deadlineMs = Number.POSITIVE_INFINITY;
  let running: Promise<void> | undefined;
  /** Start times by pid: what was found once is still ours when its parent is gone. */
  const known = new Map<number, number>();

  async function run(): Promise<void> {
    await terminate();
    while (Date.now() < deadlineMs) {
      if (!(await anyAlive()) && (await learn()).length === 0) return;
      await sleep(POLL_MS);
    }
    for (const limitMs = Date.now() + KILL_LIMIT_MS; Date.now() < limitMs; await sleep(POLL_MS)) {
      await learn();
      if (await isOurGroup()) signalGroup(root.pgid, "SIGKILL");
      for (const pid of await alive()) signal(pid, "SIGKILL");
      if (!(await anyAlive()) && (await learn()).length === 0) return;
    }
  }

  /** Finds processes not seen before; gives their numbers. */
  async function learn(): Promise<number[]> {
    const fresh: number[] = [];
    for (const pid of await find(root)) {
      const found = await readProcess(pid);
      if (!found || known.get(pid) === found.startTime) continue;
      known.set(pid, found.startTime);
      fresh.push(pid);
    }
    return fresh;
  }

  /**
   * The first signal, once: to the group as a whole, so that no fork slips through, and to those outside it. What is started
   * afterwards (an app's own cleaning up) is left to finish within the grace.
   */
  async function terminate(): Promise<void> {
    const infos = await Promise.all((await learn()).map(readProcess));
    if (infos.some((info) => info?.pgid === root.pgid)) signalGroup(root.pgid, firstSignal);
    for (const info of infos) if (info && info.pgid !== root.pgid) signal(info.pid, firstSignal);
  }

  async function alive(): Promise<number[]> {
    const checked = await Promise.all(
      [...known].map(async ([pid, startTime]) => ((await isSameProcess(pid, startTime)) ? pid : undefined)),
    );
    return checked.filter((pid) => pid !== undefined);
  }

  async function anyAlive(): Promise<boolean> {
    return (await alive()).length > 0;
  }

  async function isOurGroup(): Promise<boolean> {
    const infos = await Promise.all((await alive()).map(readProcess));
    return infos.some((info) => info?.pgid === root.pgid);
  }

  return {
    end: (graceMs) => {
      deadlineMs = Math.min(deadlineMs, Date.now() + graceMs);
      running ??= run();
      return running;
    },
  };
}

/** For the child's own keeper, which was there all the time: also its session, whatever their environment says now. */
export async function processesOfChild(root: InstanceRoot): Promise<number[]> {
  return [...new Set([...(await processesOfInstance(root)), ...(await sessionOf(root))])];
}

function signalGroup(pgid: number, name: NodeJS.Signals): void {
  if (pgid > 1) signal(-pgid, name);
}

/** It may have ended by itself since it was found. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!isErrno(error, "ESRCH") && !isErrno(error, "EPERM")) throw error;
  }
}
