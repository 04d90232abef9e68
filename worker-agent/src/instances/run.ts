/** One launch while its keeper holds it: what it looks like from outside, second by second. */
import type { Reason } from "@roundhouse/protocol/instance";
import { processesOfInstance } from "../host/processes.ts";
import { listeningPortsOf } from "../host/ports.ts";
import type { KeeperLink } from "../keeper/client.ts";
import { lookForSockets, statusWhileRunning, type RunningStatus, type Sightings, type Silence } from "./health.ts";
import { lastLines, readLog } from "./log.ts";
import { answersHttp, type OwnPort } from "./probe.ts";

const LOOK_INTERVAL_MS = 1_000;
/** A small app answers within moments: at first we look more often. */
const EARLY_LOOK_INTERVAL_MS = 250;
const EARLY_MS = 10_000;
/** Walking all processes of the host is dear: between walks only the known ones are looked at. */
const WALK_INTERVAL_MS = 15_000;

export type Run = {
  link: KeeperLink;
  status(): RunningStatus;
  /** Ports that the instance's own processes listen on. */
  ports(): OwnPort[];
  /** The child is there and the app is not: to be ended. */
  appGone(): boolean;
  reason(): Reason | null;
  lines(): string[];
  readyAtMs(): number | null;
  /** No more looks. */
  end(): void;
};

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

export function holdRun(options: RunOptions): Run {
  const { link, port, logDir, now, onChange } = options;
  const { record } = link.state;
  const launchedAtMs = Date.parse(record.startedAt);
  let seen: Sightings = {
    everStarted: options.everStarted,
    launchedAtMs,
    lastOutputAtMs: options.readyAtMs ?? now(),
    readyAtMs: options.readyAtMs,
  };
  let silence: Silence = { sinceMs: null };
  let gone = false;
  let reason: Reason | null = null;
  let lines: string[] = [];
  let logSize = -1;
  let ports: OwnPort[] = [];
  let pids: number[] = [];
  let walkedAtMs = Number.NEGATIVE_INFINITY;
  let ended = false;
  let timer: NodeJS.Timeout | undefined;

  async function walk(): Promise<void> {
    if (record.child) pids = await processesOfInstance({ ...record.child, marker: record.marker });
    walkedAtMs = now();
  }

  async function lookAtPorts(): Promise<void> {
    if (now() - walkedAtMs >= WALK_INTERVAL_MS) await walk();
    ports = await listeningPortsOf(pids);
    if (ports.some((one) => one.port === port)) return;
    await walk();
    ports = await listeningPortsOf(pids);
  }

  async function lookAtLog(): Promise<void> {
    const { size } = await readLog(logDir, -1, 0);
    if (size === logSize) return;
    if (logSize >= 0) seen = { ...seen, lastOutputAtMs: now() };
    logSize = size;
    lines = await lastLines(logDir);
  }

  async function lookForAnswer(): Promise<void> {
    if (!(await answersHttp(port))) return;
    await lookAtPorts();
    if (!ports.some((one) => one.port === port)) {
      reason = { code: "port_in_use", message: `something that is not this instance answers on port ${port}` };
      return;
    }
    reason = null;
    seen = { ...seen, readyAtMs: now() };
    if (!ended) options.onReady();
  }

  async function look(): Promise<void> {
    if (seen.readyAtMs === null) {
      await lookAtLog();
      await lookForAnswer();
      return;
    }
    await lookAtPorts();
    const { gone: nowGone, ...rest } = lookForSockets(silence, ports.length, now());
    silence = rest;
    gone = nowGone;
  }

  async function keepLooking(): Promise<void> {
    try {
      await look();
    } catch (error) {
      reason = { code: "watch_failed", message: error instanceof Error ? error.message : String(error) };
    }
    if (ended) return;
    // Compared with what was last told: time alone can change the status.
    const view = picture();
    if (view !== told) onChange();
    told = view;
    const isEarly = seen.readyAtMs === null && now() - launchedAtMs < EARLY_MS;
    timer = setTimeout(() => void keepLooking(), isEarly ? EARLY_LOOK_INTERVAL_MS : LOOK_INTERVAL_MS);
  }

  const status = () => statusWhileRunning(seen, now());
  const picture = () => JSON.stringify([status(), gone, reason, lines, ports]);
  let told = picture();
  timer = setTimeout(() => void keepLooking(), 0);

  return {
    link,
    status,
    ports: () => ports,
    appGone: () => gone,
    reason: () => reason,
    lines: () => lines,
    readyAtMs: () => seen.readyAtMs,
    end: () => {
      ended = true;
      clearTimeout(timer);
    },
  };
}
