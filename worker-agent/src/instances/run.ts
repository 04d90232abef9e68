/** One launch while its keeper holds it: what it looks like from outside, second by second. */
import type { Reason } from "@roundhouse/protocol/instance";
import { listeningPortsOf } from "../host/ports.ts";
import { processesOfInstance } from "../host/processes.ts";
import type { KeeperLink } from "../keeper/client.ts";
import { lookForSockets, statusWhileRunning, type Sightings, type Silence } from "./health.ts";
import { lastLines, readLog } from "./log.ts";
import type { RunningPicture } from "./observed.ts";
import { answersHttp, type OwnPort } from "./probe.ts";
import { messageOf } from "./saved-state.ts";

const LOOK_INTERVAL_MS = 1_000;
/** A small app answers within moments: at first we look more often. */
const EARLY_LOOK_INTERVAL_MS = 250;
const EARLY_MS = 10_000;
/** Walking all processes of the host is dear: between walks only the known ones are looked at. */
const WALK_INTERVAL_MS = 15_000;

export type RunOptions = {
  link: KeeperLink;
  port: number;
  logDir: string;
  everStarted: boolean;
  /** Of an adopted run that had answered before. */
  readyAtMs: number | null;
  now: () => number;
  onChange: () => void;
  onReady: () => void;
};

export class Run {
  readonly link: KeeperLink;
  lines: string[] = [];
  /** Ports that the instance's own processes listen on. */
  ports: OwnPort[] = [];
  /** The child is there and the app is not: to be ended. */
  appGone = false;
  readonly #options: RunOptions;
  #seen: Sightings;
  #silence: Silence = { sinceMs: null };
  #reason: Reason | null = null;
  #logSize: number | null = null;
  #pids: number[] = [];
  #walkedAtMs = Number.NEGATIVE_INFINITY;
  #ended = false;
  #timer: NodeJS.Timeout | undefined;
  #told = "";

  constructor(options: RunOptions) {
    const { link, everStarted, readyAtMs, now } = options;
    this.link = link;
    this.#options = options;
    const launchedAtMs = Date.parse(link.state.record.startedAt);
    this.#seen = { everStarted, launchedAtMs, lastOutputAtMs: now(), readyAtMs };
  }

  begin(): void {
    this.#timer = setTimeout(() => void this.#keepLooking(), 0);
  }

  /** No more looks. */
  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
  }

  /** As of the last walk; before the first one, the child alone. */
  get pids(): readonly number[] {
    const { child } = this.link.state.record;
    return this.#pids.length === 0 && child ? [child.pid] : this.#pids;
  }

  picture(): RunningPicture {
    const { record } = this.link.state;
    return {
      is: "running",
      status: statusWhileRunning(this.#seen, this.#options.now()),
      appGone: this.appGone,
      reason: this.#reason,
      pid: record.child?.pid ?? null,
      startedAt: record.startedAt,
      ports: this.ports,
    };
  }

  async #keepLooking(): Promise<void> {
    try {
      await this.#look();
    } catch (error) {
      this.#reason = { code: "watch_failed", message: messageOf(error) };
    }
    if (this.#ended) return;
    // Compared with what was last told: time alone can change the status.
    const view = JSON.stringify([this.picture(), this.lines]);
    if (view !== this.#told) this.#options.onChange();
    this.#told = view;
    this.#timer = setTimeout(() => void this.#keepLooking(), this.#intervalMs());
  }

  #intervalMs(): number {
    const { readyAtMs, launchedAtMs } = this.#seen;
    const isEarly = readyAtMs === null && this.#options.now() - launchedAtMs < EARLY_MS;
    return isEarly ? EARLY_LOOK_INTERVAL_MS : LOOK_INTERVAL_MS;
  }

  async #look(): Promise<void> {
    if (this.#seen.readyAtMs === null) {
      await this.#lookAtLog();
      return this.#lookForAnswer();
    }
    await this.#lookAtPorts();
    const { gone, ...silence } = lookForSockets(this.#silence, this.ports.length, this.#options.now());
    this.#silence = silence;
    this.appGone = gone;
  }

  async #lookAtLog(): Promise<void> {
    const { logDir, now } = this.#options;
    const { size } = await readLog(logDir, -1, 0);
    if (size === this.#logSize) return;
    if (this.#logSize !== null) this.#seen = { ...this.#seen, lastOutputAtMs: now() };
    this.#logSize = size;
    this.lines = await lastLines(logDir);
  }

  async #lookForAnswer(): Promise<void> {
    const { port, now, onReady } = this.#options;
    this.#reason = null;
    if (!(await answersHttp(port))) return;
    await this.#lookAtPorts();
    if (!this.#listensOn(port)) {
      const message = `something that is not this instance answers on port ${port}`;
      this.#reason = { code: "port_in_use", message };
      return;
    }
    this.#seen = { ...this.#seen, readyAtMs: now() };
    if (!this.#ended) onReady();
  }

  async #lookAtPorts(): Promise<void> {
    const { now, port } = this.#options;
    if (now() - this.#walkedAtMs >= WALK_INTERVAL_MS) await this.#walk();
    this.ports = await listeningPortsOf(this.#pids);
    if (this.#listensOn(port)) return;
    await this.#walk();
    this.ports = await listeningPortsOf(this.#pids);
  }

  async #walk(): Promise<void> {
    const { child, marker } = this.link.state.record;
    if (child) this.#pids = await processesOfInstance({ ...child, marker });
    this.#walkedAtMs = this.#options.now();
  }

  #listensOn(port: number): boolean {
    return this.ports.some((one) => one.port === port);
  }
}
