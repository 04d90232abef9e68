/** One launch while its keeper holds it: what it looks like from outside, second by second. */
import type { KnownReason } from "@roundhouse/protocol/reasons";
import type { Clock } from "../host/clock.ts";
import { listeningPortsOf } from "../host/ports.ts";
import { processesOfInstance } from "../host/processes.ts";
import type { KeeperLink } from "../keeper/client.ts";
import { FoundPorts, type NamedPort } from "./found-ports.ts";
import { lookForSockets, statusWhileRunning, warningOf, type Sightings, type Silence } from "./health.ts";
import { isIdle, mayBeIdle } from "./idle-script.ts";
import { lastLines, readLog } from "./log.ts";
import type { RunningPicture } from "./observed.ts";
import { explainClash, type OthersPorts } from "./port-clash.ts";
import { answersHttp, type OwnPort } from "./probe.ts";
import { messageOf } from "./saved-state.ts";

const LOOK_INTERVAL_MS = 1_000;
/** A small app answers within moments: at first we look more often. */
const EARLY_LOOK_INTERVAL_MS = 250;
const EARLY_MS = 10_000;
/** Walking all processes of the host is dear: between walks only the known ones are looked at. */
const WALK_INTERVAL_MS = 15_000;
/** How often an app that does not answer where it should is looked for elsewhere, with a walk. */
const SEARCH_INTERVAL_MS = 2_000;

export type RunOptions = {
  link: KeeperLink;
  port: number;
  /** The others it has by name, with the numbers of this launch. */
  namedPorts: readonly NamedPort[];
  othersPorts: () => OthersPorts;
  logDir: string;
  everStarted: boolean;
  /** Of an adopted run that had answered before. */
  readyAtMs: number | null;
  clock: Clock;
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
  readonly #found: FoundPorts;
  #seen: Sightings;
  #silence: Silence = { sinceMs: null };
  #reason: KnownReason | null = null;
  #logSize: number | null = null;
  #pids: number[] = [];
  #walkedAtMs = Number.NEGATIVE_INFINITY;
  #searchedAtMs = Number.NEGATIVE_INFINITY;
  #ended = false;
  #timer: NodeJS.Timeout | undefined;
  #told = "";

  constructor(options: RunOptions) {
    const { link, everStarted, readyAtMs, clock, port, namedPorts } = options;
    this.link = link;
    this.#options = options;
    const isSettled = readyAtMs !== null;
    const now = clock.steadyMs;
    this.#found = new FoundPorts({ assigned: port, declared: namedPorts, isSettled, answersHttp, now });
    const nowMs = clock.steadyMs();
    const ageMs = Math.max(0, clock.nowMs() - Date.parse(link.state.record.startedAt));
    this.#seen = { everStarted, launchedAtMs: nowMs - ageMs, lastOutputAtMs: nowMs, readyAtMs };
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
    const { clock, port } = this.#options;
    const nowMs = clock.steadyMs();
    return {
      is: "running",
      status: statusWhileRunning(this.#seen, nowMs),
      appGone: this.appGone,
      reason: this.#reason ?? warningOf(this.#seen, nowMs, port),
      pid: record.child?.pid ?? null,
      startedAt: record.startedAt,
      ports: this.#found.list(),
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
    const isEarly = readyAtMs === null && this.#options.clock.steadyMs() - launchedAtMs < EARLY_MS;
    return isEarly ? EARLY_LOOK_INTERVAL_MS : LOOK_INTERVAL_MS;
  }

  async #look(): Promise<void> {
    if (this.#seen.readyAtMs === null) {
      await this.#lookAtLog();
      await this.#lookForAnswer();
      return this.#lookForGone((await this.#isIdleScript()) ? 0 : 1);
    }
    await this.#lookAtPorts();
    this.#lookForGone(this.ports.length);
  }

  /** `signs` of life: listening sockets, or before the first answer anything that may yet open one. */
  #lookForGone(signs: number): void {
    const { gone, ...silence } = lookForSockets(this.#silence, signs, this.#options.clock.steadyMs());
    this.#silence = silence;
    this.appGone = gone;
  }

  async #isIdleScript(): Promise<boolean> {
    const { child } = this.link.state.record;
    if (!child || this.#seen.readyAtMs !== null || !(await mayBeIdle(child.pid))) return false;
    await this.#walk();
    return isIdle(this.#pids, child.pid);
  }

  async #lookAtLog(): Promise<void> {
    const { logDir, clock } = this.#options;
    const { size } = await readLog(logDir, -1, 0);
    if (size === this.#logSize) return;
    if (this.#logSize !== null) this.#seen = { ...this.#seen, lastOutputAtMs: clock.steadyMs() };
    this.#logSize = size;
    this.lines = await lastLines(logDir);
  }

  async #lookForAnswer(): Promise<void> {
    const { clock, onReady } = this.#options;
    this.#reason = explainClash(this.lines, this.link.state.record.launch, this.#options.othersPorts()) ?? null;
    const isReady = (await this.#answersAsAssigned()) || (await this.#answersElsewhere());
    if (!isReady) return;
    this.#reason = null;
    this.#seen = { ...this.#seen, readyAtMs: clock.nowMs() };
    if (!this.#ended) onReady();
  }

  async #answersAsAssigned(): Promise<boolean> {
    const { port } = this.#options;
    const isSilent = this.link.state.record.ready === "http" && !(await answersHttp(port));
    if (isSilent) return false;
    await this.#lookAtPorts();
    if (this.#listensOn(port)) return true;
    if (this.link.state.record.ready === "listening") return false;
    const message = `something that is not this instance answers on port ${port}`;
    this.#reason = { code: "port_in_use", message };
    return false;
  }

  /** An app that chooses its port itself is found by what it listens on. */
  async #answersElsewhere(): Promise<boolean> {
    const { clock, port } = this.#options;
    if (clock.steadyMs() - this.#searchedAtMs < SEARCH_INTERVAL_MS) return false;
    this.#searchedAtMs = clock.steadyMs();
    await this.#walk();
    await this.#readPorts();
    return this.#found.main !== undefined && this.#found.main !== port;
  }

  async #lookAtPorts(): Promise<void> {
    const { clock, port } = this.#options;
    if (clock.steadyMs() - this.#walkedAtMs >= WALK_INTERVAL_MS) await this.#walk();
    await this.#readPorts();
    if (this.#listensOn(this.#found.main ?? port)) return;
    await this.#walk();
    await this.#readPorts();
  }

  async #readPorts(): Promise<void> {
    this.ports = await listeningPortsOf(this.#pids);
    await this.#found.look(this.ports);
  }

  async #walk(): Promise<void> {
    const { child, marker } = this.link.state.record;
    if (child) this.#pids = await processesOfInstance({ ...child, marker });
    this.#walkedAtMs = this.#options.clock.steadyMs();
  }

  #listensOn(port: number): boolean {
    return this.ports.some((one) => one.port === port);
  }
}
