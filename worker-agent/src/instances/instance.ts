/** One instance's worker: holds its wish and its state, and takes the steps the plan names, one after the other. */
import type {
  DesiredInstance,
  NodeStatus,
  ObservedInstance,
  Reason,
  UnknownInstance,
} from "@roundhouse/protocol/instance";
import { setTimeout as sleep } from "node:timers/promises";
import { LaunchError } from "../blueprints/runtime.ts";
import type { KeeperLink } from "../keeper/client.ts";
import type { ExitRecord, KeeperRecord, StopCause } from "../keeper/spec.ts";
import { startKeeper } from "../keeper/start.ts";
import { endLeftovers, findLaunch, readExit } from "./adoption.ts";
import { afterDeath } from "./death.ts";
import { measureDisk } from "./disk-usage.ts";
import { specFileOf } from "./launch.ts";
import { lastLines } from "./log.ts";
import { observe, statusOf, type Picture } from "./observed.ts";
import { nextStep, outcomeAfterAbsence, type Step } from "./plan.ts";
import { prepareLaunch, SourceMissing, type Surroundings } from "./prepare.ts";
import { createWorker } from "./queue.ts";
import { folderOf, removeInstance } from "./removal.ts";
import { holdRun, type Run } from "./run.ts";
import { saveState, statePaths, type InstanceState } from "./state-file.ts";

/** What a worker needs to know of the node around it. */
export type World = Surroundings & {
  now: () => number;
  /** The keeper program to start. */
  program: () => string;
  log: (line: string) => void;
  satelliteRuns: (id: string) => boolean;
  needBlueprint: (digest: string) => void;
  changed: (id: string) => void;
  removed: (id: string) => void;
};

export type Instance = ReturnType<typeof createInstance>;

type Process = { is: "none" } | { is: "running"; run: Run } | { is: "clearing" };

/** A keeper that is not done by then hangs itself: its own grace and its patience with what cannot be killed are shorter. */
const STOP_LIMIT_MS = 30_000;
/** How long apps get when the agent ends with them, and all in all; the agent promises to be gone after 5 s. */
const SHUTDOWN_GRACE_MS = 3_000;
const SHUTDOWN_LIMIT_MS = 4_200;

export function createInstance(world: World, initial: InstanceState, initialWish: DesiredInstance | null) {
  const { root, now } = world;
  const { id } = initial.desired;
  const { logDir } = statePaths(root, id);
  let state = initial;
  let wish = initialWish;
  let process: Process = { is: "none" };
  let adopted = false;
  let launching = false;
  let removed = false;
  let closing: "leave" | "end" | null = null;
  let missingDigest: string | null = null;
  let trouble: Reason | null = null;
  let lines: string[] = [];
  let diskBytes: number | null = null;
  let shown: { status: NodeStatus; since: string } | undefined;
  let alarm: NodeJS.Timeout | undefined;
  let saving: Promise<void> = Promise.resolve();
  const worker = createWorker(takeStep, (error) => {
    trouble = { code: "internal", message: error instanceof Error ? error.message : String(error) };
    report(error);
    world.changed(id);
  });

  function plan(): Step {
    const process = planned();
    const satelliteRuns = world.satelliteRuns(id);
    const { launchedEpoch } = state;
    return nextStep(
      wish,
      { launchedEpoch, process, sourceMissing: missingDigest !== null, satelliteRuns, removed },
      now(),
    );
  }

  function planned() {
    if (process.is === "running") return { is: "running" as const, appGone: process.run.appGone() };
    return process.is === "clearing" ? process : { is: "none" as const, outcome: state.outcome };
  }

  /** Something changed: look again, and let others see. */
  function poke(): void {
    world.changed(id);
    if (adopted && !closing) worker.poke();
  }

  async function takeStep(): Promise<boolean> {
    clearTimeout(alarm);
    const step = plan();
    switch (step.do) {
      case "nothing":
        return false;
      case "wait":
        alarm = setTimeout(poke, step.untilMs - now());
        return false;
      case "launch":
        await launch();
        return true;
      case "stop":
        await stop(step.cause);
        return true;
      case "remove":
        await remove();
        return false;
    }
  }

  /** In memory at once; on disk when it resolves, each time the newest. */
  function save(changes: Partial<InstanceState>): Promise<void> {
    state = { ...state, ...changes };
    const saved = saving.then(() => saveState(root, state));
    saving = saved.catch(report);
    return saved;
  }

  function report(error: unknown): void {
    world.log(`${state.desired.name}: ${error instanceof Error ? error.message : String(error)}`);
  }

  async function launch(): Promise<void> {
    const instance = wish;
    if (!instance) return;
    launching = true;
    world.changed(id);
    try {
      await launchAs(instance);
    } catch (error) {
      await handleLaunchError(error, instance);
    } finally {
      launching = false;
      world.changed(id);
    }
  }

  async function launchAs(instance: DesiredInstance): Promise<void> {
    const { spec, port } = await prepareLaunch(world, instance, state, async (port) => {
      // The folder and the port are ours on disk before anything is made in them.
      await save({ desired: instance, port, ownsFolder: instance.parent === null });
    });
    if (closing || wish?.desired !== "running" || wish.epoch !== instance.epoch) return;
    const { launch } = spec;
    await save({
      port,
      launch,
      launchedEpoch: instance.epoch,
      inFlight: true,
      readyAt: null,
      outcome: { kind: "stopped" },
    });
    const specFile = specFileOf(root, id, launch);
    try {
      hold(await startKeeper({ program: world.program(), spec, specFile, cwd: root.path }));
    } catch (error) {
      // Too short a life to be met, or none at all: what is on disk tells.
      report(error);
      await adopt();
      const { kind } = state.outcome;
      if (kind === "revive" || kind === "lapsed") {
        throw new LaunchError(
          "keeper_failed",
          `the app's keeper could not be started: ${(await lastLines(logDir, 1))[0]}`,
        );
      }
    }
  }

  async function handleLaunchError(error: unknown, instance: DesiredInstance): Promise<void> {
    if (error instanceof SourceMissing) {
      missingDigest = error.digest;
      return world.needBlueprint(error.digest);
    }
    const reason: Reason =
      error instanceof LaunchError
        ? { code: error.code, message: error.message, hint: error.hint }
        : { code: "launch_failed", message: error instanceof Error ? error.message : String(error) };
    const outcome = { kind: "failed" as const, reason, exitCode: null, signal: null, restartAtMs: null };
    await save({ desired: instance, launchedEpoch: instance.epoch, inFlight: false, outcome });
  }

  /** From here on a keeper runs it. */
  function hold(link: KeeperLink): void {
    const { record } = link.state;
    const readyAtMs = state.readyAt === null ? null : Date.parse(state.readyAt);
    const port = state.port ?? record.marker.port;
    const { everStarted } = state;
    const run = holdRun({ link, port, logDir, everStarted, readyAtMs, now, onChange: poke, onReady });
    process = { is: "running", run };
    if (closing === "end") link.stop("shutdown", SHUTDOWN_GRACE_MS);
    if (closing === "leave") link.close();
    follow(run, record).catch(report);
    poke();
  }

  function onReady(): void {
    save({ everStarted: true, readyAt: new Date(now()).toISOString() }).catch(report);
  }

  /** Until the run is over, in its two steps: the child's end, and that of all it left behind. */
  async function follow(run: Run, record: KeeperRecord): Promise<void> {
    const heard = await run.link.exited;
    if (!heard && closing === "leave") return;
    const exit = heard ?? (await readExit(root, state));
    run.end();
    process = { is: "clearing" };
    await settle(exit).catch(report);
    poke();
    await run.link.closed;
    if (!exit || !heard) await endLeftovers(record);
    process = { is: "none" };
    poke();
  }

  /** Keeps what an end means. Of a keeper that was lost or told to end, the next agent makes its own picture. */
  async function settle(exit: ExitRecord | undefined): Promise<void> {
    lines = await lastLines(logDir);
    if (exit?.endedBy === "stop" || (exit?.endedBy === "shutdown" && closing)) {
      const inFlight = exit.endedBy === "shutdown";
      return save({ inFlight, outcome: { kind: "stopped" }, restartsInRow: 0 });
    }
    const policy = (wish ?? state.desired).restartPolicy;
    const mayTell = exit && exit.endedBy !== "shutdown";
    await save({ ...afterDeath(state, exit, policy, now()), inFlight: !mayTell });
  }

  async function stop(cause: StopCause): Promise<void> {
    if (process.is !== "running") return;
    const { link } = process.run;
    world.changed(id);
    link.stop(cause);
    const inTime = await Promise.race([link.closed.then(() => true), sleep(STOP_LIMIT_MS).then(() => false)]);
    if (!inTime) await endLeftovers(link.state.record, 0);
    // What follows a keeper's end runs beside this; the next step must see it done.
    while (planned().is !== "none" && !closing) await sleep(10);
  }

  async function remove(): Promise<void> {
    if (!wish) return;
    await saving;
    await removeInstance(root, state, wish.deleteMode, new Date(now()));
    removed = true;
    world.removed(id);
  }

  /** Finds out what became of the launch in flight. */
  async function adopt(): Promise<void> {
    if (state.outcome.kind === "failed") lines = await lastLines(logDir);
    if (!state.inFlight) return;
    const found = await findLaunch(root, state);
    if (found.is === "running") return hold(found.link);
    if (found.is === "unborn") return save({ inFlight: false, outcome: { kind: "revive" } });
    const ended = found.is === "ended" ? { how: "exited" as const, exit: found.exit } : { how: "lost" as const };
    const outcome = outcomeAfterAbsence(ended, (wish ?? state.desired).autostart);
    if (outcome !== "died") return save({ inFlight: false, outcome });
    if (found.is === "ended") await settle(found.exit);
  }

  function picture(): Picture {
    const run = process.is === "running" ? process.run : null;
    return {
      wish,
      state,
      process: process.is === "running" ? pictureOf(process.run) : process,
      launching: launching || missingDigest !== null || (process.is === "none" && !closing && plan().do === "launch"),
      trouble,
      waitingFor:
        missingDigest === null ? null : { code: "waiting_for_blueprint", message: "waiting for its blueprint" },
      lastLines: run && run.lines().length > 0 ? run.lines() : lines,
      diskBytes,
    };
  }

  /** The status and since when it is that. */
  function show(): { status: NodeStatus; since: string } {
    const status = statusOf(picture());
    if (shown?.status !== status) shown = { status, since: new Date(now()).toISOString() };
    return shown;
  }

  return {
    id,
    state: () => state,
    wish: () => wish,
    isOnDisk: () => state.launch > 0 || state.port !== null || state.launchedEpoch !== null,
    runs: () => process.is !== "none" || launching,

    want(next: DesiredInstance | null): void {
      wish = next;
      trouble = null;
      // A source that is still missing is asked for again: the first request may have met a lost link.
      missingDigest = null;
      const cleared = next && next.desired !== "running" && process.is === "none" && state.outcome.kind !== "stopped";
      if (cleared) state = { ...state, outcome: { kind: "stopped" }, restartsInRow: 0 };
      poke();
    },

    sourceArrived(digest: string): void {
      if (missingDigest !== digest) return;
      missingDigest = null;
      poke();
    },

    async begin(): Promise<void> {
      try {
        await adopt();
      } catch (error) {
        report(error);
      }
      adopted = true;
      poke();
    },

    poke,

    observed(): ObservedInstance | undefined {
      return wish && !removed ? observe({ ...picture(), wish }, show().since) : undefined;
    },

    unknown(): UnknownInstance {
      return { id, name: state.desired.name, status: show().status };
    },

    ports(): number[] {
      if (process.is !== "running" || state.port === null) return [];
      return [...new Set([state.port, ...process.run.ports().map((one) => one.port)])];
    },

    async measure(): Promise<void> {
      if (state.desired.parent !== null || removed) return;
      diskBytes = await measureDisk(folderOf(root, state.desired.slug));
      world.changed(id);
    },

    async shutdown(endKeepers: boolean): Promise<void> {
      closing = endKeepers ? "end" : "leave";
      clearTimeout(alarm);
      const run = process.is === "running" ? process.run : null;
      run?.end();
      if (!endKeepers) {
        run?.link.close();
        return Promise.race([worker.stop(), sleep(SHUTDOWN_LIMIT_MS)]);
      }
      run?.link.stop("shutdown", SHUTDOWN_GRACE_MS);
      const quiet = async () => {
        await worker.stop();
        while (planned().is !== "none") await sleep(10);
      };
      const inTime = await Promise.race([quiet().then(() => true), sleep(SHUTDOWN_LIMIT_MS).then(() => false)]);
      if (!inTime && process.is === "running") await endLeftovers(process.run.link.state.record, 0);
    },
  };
}

function pictureOf(run: Run): Picture["process"] {
  const { record } = run.link.state;
  return {
    is: "running",
    status: run.status(),
    appGone: run.appGone(),
    reason: run.reason(),
    pid: record.child?.pid ?? null,
    startedAt: record.startedAt,
    ports: run.ports(),
  };
}
