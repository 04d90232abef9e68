/** The keeper's child: started in its own session, its output in the log, its end awaited. */
import { spawn, type ChildProcess } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isGone } from "../host/absent.ts";
import { readProcess } from "../host/processes.ts";
import { decideStart } from "./claim.ts";
import type { LogWriter } from "./log.ts";
import { openOutput } from "./output.ts";
import type { Secrets } from "./secrets.ts";
import type { KeeperRecord, KeeperSpec } from "./spec.ts";

export type ChildEnd = { exitCode: number | null; signal: string | null; spawnError: string | null };

export type Child = {
  /** null when it could not be started. */
  process: NonNullable<KeeperRecord["child"]> | null;
  /** Resolves when the process itself has ended; its descendants may live on and still write. */
  ended: Promise<ChildEnd>;
  /** Resolves when all output so far is in the log. */
  drained(): Promise<void>;
};

/** What an app may read of the files of others is not for its keeper to narrow: the usual mask of a login. */
const CHILD_UMASK = 0o022;
/** Output that arrives later than this after the child's end is written too, but not waited for. */
const DRAIN_LIMIT_MS = 500;
const DRAIN_QUIET_MS = 50;
/** Between -1000 and 1000; 0 is what everything else has. */
const OOM_SCORE_ADJ = 300;

export async function startChild(spec: KeeperSpec, secrets: Secrets, log: LogWriter): Promise<Child> {
  // A disk that holds no sockets holds no pipes, either.
  const output = await openOutput(dirname(spec.socket), spec.user);
  let lastOutputAtMs = Date.now();
  let pending = 0;
  const copied = (async () => {
    // Iterating pauses the pipe while a chunk is being written, and with it an app that outruns the disk.
    for await (const chunk of output.readable) {
      pending += 1;
      await log.write(chunk);
      pending -= 1;
      lastOutputAtMs = Date.now();
    }
  })().catch((error: Error) => log.note(`no more output: ${error.message}`));

  if (spec.kind === "effect" && !(await decideStart(spec.dir, "keeper"))) throw new Error("an agent took it back");
  const child = trySpawn(spec, secrets, output.childFd);
  const ended = child instanceof Error ? Promise.resolve(notStarted(child)) : endOf(child);
  output.closeChildEnd();
  const pid = child instanceof Error ? undefined : child.pid;
  if (pid !== undefined) await offerToKernel(pid);
  const found = pid === undefined ? undefined : await readProcess(pid);
  return {
    // A child that ended within the millisecond leaves no start time; 0 then matches nothing.
    process: pid === undefined ? null : { pid, startTime: found?.startTime ?? 0, pgid: pid },
    ended,
    drained: async () => {
      const limitMs = Date.now() + DRAIN_LIMIT_MS;
      const quiet = () => pending === 0 && Date.now() - lastOutputAtMs >= DRAIN_QUIET_MS;
      const settle = async () => {
        while (!quiet() && Date.now() < limitMs) await sleep(DRAIN_QUIET_MS / 2);
      };
      await Promise.race([copied, sleep(DRAIN_QUIET_MS).then(settle)]);
    },
  };
}

function trySpawn(spec: KeeperSpec, secrets: Secrets, outputFd: number): ChildProcess | Error {
  process.umask(CHILD_UMASK);
  const input = spec.kind === "effect" ? spec.input : null;
  try {
    const child = spawn(spec.command, spec.args, {
      cwd: spec.cwd,
      env: { ...spec.env, ...secrets },
      ...(spec.changesUser ? {} : spec.user),
      detached: true,
      stdio: [input === null ? "ignore" : "pipe", outputFd, outputFd],
    });
    // One that ends without reading it all says so by its exit code.
    child.stdin?.on("error", () => undefined).end(input);
    return child;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** When memory runs out, the kernel shall take the app, not its keeper or the agent. Children inherit it; raising it is free to all. */
export async function offerToKernel(pid: number): Promise<void> {
  const path = `/proc/${pid}/oom_score_adj`;
  const present = Number((await readFile(path, "utf8").catch(isGone)) ?? Number.NaN);
  if (present < OOM_SCORE_ADJ) await writeFile(path, String(OOM_SCORE_ADJ)).catch(isGone);
}

function endOf(child: ChildProcess): Promise<ChildEnd> {
  return new Promise((done) => {
    child.once("error", (error) => done(notStarted(error)));
    child.once("exit", (exitCode, signal) => done({ exitCode, signal, spawnError: null }));
  });
}

function notStarted(error: Error): ChildEnd {
  return { exitCode: null, signal: null, spawnError: error.message };
}
