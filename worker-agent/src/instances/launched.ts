/** What an instance has running: the keeper that holds it, from its first word or its adoption to the end of all it left. */
import type { RestartPolicy } from "@roundhouse/protocol/instance";
import type { KnownReason } from "@roundhouse/protocol/reasons";
import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../host/clock.ts";
import type { DataRoot } from "../host/data-root.ts";
import type { KeeperLink } from "../keeper/client.ts";
import { endLeftovers } from "../keeper/reach.ts";
import type { ExitRecord, KeeperRecord, StopCause } from "../keeper/spec.ts";
import { findLaunch, readExit } from "./adoption.ts";
import { afterDeath } from "./death.ts";
import { lastLines } from "./log.ts";
import { outcomeAfterAbsence } from "./plan.ts";
import { explainClash, type OthersPorts } from "./port-clash.ts";
import { Run } from "./run.ts";
import type { SavedState } from "./saved-state.ts";
import { statePaths } from "./state-file.ts";
import { survivorsOf } from "./survivors.ts";

export type Process = { is: "none" } | { is: "running"; run: Run } | { is: "clearing" };

export type LaunchedOptions = {
  root: DataRoot;
  saved: SavedState;
  clock: Clock;
  /** What this node has to give to apps, in bytes; null where that cannot be read. */
  memoryBytes: () => Promise<number | null>;
  /** As wanted now. */
  restartPolicy: () => RestartPolicy;
  autostart: () => boolean;
  othersPorts: () => OthersPorts;
  onChange: () => void;
};

/** A keeper that is not done by then hangs itself: its own grace and its patience with what cannot be killed are shorter. */
const STOP_LIMIT_MS = 30_000;
/** How long apps get when the agent ends with them, and all in all; the agent promises to be gone after 5 s. */
const SHUTDOWN_GRACE_MS = 3_000;
const SHUTDOWN_LIMIT_MS = 4_200;
const POLL_MS = 10;

export class Launched {
  process: Process = { is: "none" };
  /** The last lines of the log, as of the last end. */
  lines: string[] = [];
  #closing: "leave" | "end" | null = null;
  readonly #options: LaunchedOptions;

  constructor(options: LaunchedOptions) {
    this.#options = options;
  }

  get isHeld(): boolean {
    return this.process.is !== "none";
  }

  get logDir(): string {
    const { root, saved } = this.#options;
    return statePaths(root, saved.current.desired.id).logDir;
  }

  /** From here on this keeper runs it. */
  hold(link: KeeperLink): void {
    const { saved, clock, onChange, othersPorts } = this.#options;
    const { readyAt, port, namedPorts, everStarted } = saved.current;
    const run = new Run({
      link,
      port: port ?? link.state.record.marker.port,
      namedPorts,
      othersPorts,
      logDir: this.logDir,
      everStarted,
      readyAtMs: readyAt === null ? null : Date.parse(readyAt),
      clock,
      onChange,
      onReady: () => this.#keepReady(),
    });
    this.process = { is: "running", run };
    if (this.#closing === "end") link.stop("shutdown", SHUTDOWN_GRACE_MS);
    if (this.#closing === "leave") link.close();
    else run.begin();
    this.#follow(run, link.state.record).catch((error: unknown) => saved.report(error));
    onChange();
  }

  /** Finds out what became of the launch in flight. */
  async adopt(): Promise<void> {
    const { root, saved, autostart } = this.#options;
    if (saved.current.outcome.kind === "failed") this.lines = await lastLines(this.logDir);
    if (!saved.current.inFlight) return;
    const found = await findLaunch(root, saved.current);
    switch (found.is) {
      case "running":
        return this.hold(found.link);
      case "unborn":
        return saved.save({ inFlight: false, outcome: { kind: "revive" } });
      case "lost":
        return saved.save({ inFlight: false, outcome: { kind: autostart() ? "revive" : "lapsed" } });
      case "ended": {
        const outcome = outcomeAfterAbsence(found.exit, autostart());
        return outcome === "died" ? this.#settle(found.exit) : saved.save({ inFlight: false, outcome });
      }
    }
  }

  /** Resolves when nothing of it is left. */
  async stop(cause: StopCause): Promise<void> {
    if (this.process.is !== "running") return;
    const { link } = this.process.run;
    link.stop(cause);
    const inTime = await Promise.race([link.closed.then(() => true), sleep(STOP_LIMIT_MS, false, { ref: false })]);
    if (!inTime) await endLeftovers(link.state.record, 0);
    // What follows a keeper's end runs beside this; the next step must see it done.
    while (this.isHeld && !this.#closing) await sleep(POLL_MS);
  }

  /** The agent goes, the app stays. */
  leave(): void {
    this.#closing = "leave";
    if (this.process.is !== "running") return;
    this.process.run.end();
    this.process.run.link.close();
  }

  /** The agent goes, and the app with it. `idle` resolves when no step is under way. */
  async end(idle: Promise<void>): Promise<void> {
    this.#closing = "end";
    if (this.process.is === "running") this.process.run.link.stop("shutdown", SHUTDOWN_GRACE_MS);
    const isQuiet = idle.then(async () => {
      while (this.isHeld) await sleep(POLL_MS);
      return true;
    });
    const inTime = await Promise.race([isQuiet, sleep(SHUTDOWN_LIMIT_MS, false, { ref: false })]);
    if (!inTime && this.process.is === "running") await endLeftovers(this.process.run.link.state.record, 0);
  }

  /** Until the run is over, in its two steps: the child's end, and that of all it left behind. */
  async #follow(run: Run, record: KeeperRecord): Promise<void> {
    const { root, saved, onChange } = this.#options;
    const heard = await run.link.exited;
    if (!heard && this.#closing === "leave") return;
    const exit = heard ?? (await readExit(root, saved.current));
    run.end();
    this.process = { is: "clearing" };
    await this.#settle(exit).catch((error: unknown) => saved.report(error));
    onChange();
    await run.link.closed;
    if (!heard) await endLeftovers(record);
    this.#noteSurvivors(await survivorsOf(record));
    this.process = { is: "none" };
    onChange();
  }

  /** Keeps what an end means. Of a keeper that was lost or told to end, the next agent makes its own picture. */
  async #settle(exit: ExitRecord | undefined): Promise<void> {
    const { saved, clock, memoryBytes, restartPolicy, othersPorts } = this.#options;
    this.lines = await lastLines(this.logDir);
    const isOpen = !exit || exit.endedBy === "shutdown";
    if (exit?.endedBy === "stop" || (isOpen && this.#closing)) {
      return saved.save({ inFlight: isOpen, outcome: { kind: "stopped" }, restartsInRow: 0 });
    }
    const { readyAt, launch } = saved.current;
    const clash = readyAt === null ? explainClash(this.lines, launch, othersPorts()) : undefined;
    const scene = { lastLines: this.lines, memoryBytes: await memoryBytes(), clash, nowMs: clock.nowMs() };
    await saved.save({ ...afterDeath(saved.current, exit, restartPolicy(), scene), inFlight: isOpen });
  }

  /** An end that was wished for and is not whole: what is left holds its port and its files. */
  #noteSurvivors(reason: KnownReason | undefined): void {
    const { saved } = this.#options;
    if (!reason || saved.current.outcome.kind !== "stopped") return;
    saved.save({ outcome: { kind: "stopped", reason } }).catch((error: unknown) => saved.report(error));
  }

  #keepReady(): void {
    const { saved, clock } = this.#options;
    const readyAt = new Date(clock.nowMs()).toISOString();
    saved.save({ everStarted: true, readyAt }).catch((error: unknown) => saved.report(error));
  }
}
