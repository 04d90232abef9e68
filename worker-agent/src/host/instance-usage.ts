/** What each running instance takes of this host: the sums over its processes, read from /proc. */
import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import type { InstanceStats } from "@roundhouse/protocol/facts";
import { isGone } from "./absent.ts";
import { readCgroup } from "./cgroup.ts";
import { createAsker, type Tool } from "./gpus/ask.ts";
import { COMPUTE_APPS_COMMAND, parseComputeApps } from "./gpus/compute-apps.ts";
import { parseProcessStat } from "./processes.ts";

type ProcessUsage = { pid: number; startTime: number; cpuTicks: number; memoryBytes: number };

/** The kernel's USER_HZ, which programs see whatever it counts in itself. */
const TICKS_PER_SECOND = 100;

/** A reader for the instances that `running` names. The first reading has no processor share. */
export function createUsageReader(
  running: () => ReadonlyMap<string, readonly number[]>,
  {
    ask = createAsker(),
    now = () => performance.now(),
  }: { ask?: (tool: Tool) => Promise<string>; now?: () => number } = {},
): () => Promise<InstanceStats[]> {
  let before = new Map<string, number>();
  let beforeAtMs = now();
  return async () => {
    const [usages, held, cores] = await Promise.all([readAll(running()), readHeld(ask, running()), readCores()]);
    const availableTicks = ((now() - beforeAtMs) / 1000) * TICKS_PER_SECOND * cores;
    const known = before;
    before = new Map([...usages.values()].flat().map((one) => [keyOf(one), one.cpuTicks]));
    beforeAtMs = now();
    return [...usages].map(([id, processes]) => ({
      id,
      cpuPercent: cpuShare(processes, known, availableTicks),
      memoryBytes: sum(processes.map((one) => one.memoryBytes)),
      gpuMemoryBytes: held ? sum(processes.map(({ pid }) => held.get(pid) ?? 0)) : null,
    }));
  };
}

/** In percent of all processors; a process that was not there before counts from the next time on. */
function cpuShare(
  processes: ProcessUsage[],
  before: ReadonlyMap<string, number>,
  availableTicks: number,
): number | null {
  const known = processes.filter((one) => before.has(keyOf(one)));
  if (known.length === 0 || availableTicks <= 0) return null;
  const used = sum(known.map((one) => one.cpuTicks - (before.get(keyOf(one)) ?? one.cpuTicks)));
  return Math.round(Math.min(100, Math.max(0, (100 * used) / availableTicks)) * 10) / 10;
}

async function readAll(running: ReadonlyMap<string, readonly number[]>): Promise<Map<string, ProcessUsage[]>> {
  const read = async (id: string, pids: readonly number[]) => {
    const found = await Promise.all(pids.map(readUsage));
    return [id, found.filter((one) => one !== undefined)] as const;
  };
  return new Map(await Promise.all([...running].map(([id, pids]) => read(id, pids))));
}

async function readUsage(pid: number): Promise<ProcessUsage | undefined> {
  const [stat, status] = await Promise.all(
    ["stat", "status"].map((name) => readFile(`/proc/${pid}/${name}`, "utf8").catch(isGone)),
  );
  const process = parseProcessStat(stat ?? "");
  if (stat === undefined || process === undefined) return undefined;
  return { pid, startTime: process.startTime, cpuTicks: parseCpuTicks(stat), memoryBytes: parseResident(status ?? "") };
}

/** User and system time of /proc/<pid>/stat, in ticks. */
export function parseCpuTicks(stat: string): number {
  const fields = stat
    .slice(stat.lastIndexOf(")") + 1)
    .trim()
    .split(/\s+/);
  return Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
}

/** VmRSS of /proc/<pid>/status in bytes; a process that has ended has none. */
export function parseResident(status: string): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
}

async function readHeld(
  ask: (tool: Tool) => Promise<string>,
  running: ReadonlyMap<string, readonly number[]>,
): Promise<Map<number, number> | undefined> {
  return running.size === 0 ? undefined : parseComputeApps(await ask(COMPUTE_APPS_COMMAND));
}

async function readCores(): Promise<number> {
  const { cpuLimitCores } = await readCgroup();
  return Math.min(availableParallelism(), cpuLimitCores);
}

function keyOf({ pid, startTime }: ProcessUsage): string {
  return `${pid} ${startTime}`;
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
