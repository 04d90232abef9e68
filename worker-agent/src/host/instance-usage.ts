/** What each running instance takes of this host: the sums over its processes, read from /proc, or what its container takes. */
import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import type { InstanceStats } from "@roundhouse/protocol/facts";
import { isGone } from "./absent.ts";
import { readCgroup } from "./cgroup.ts";
import { createAsker, type Tool } from "./gpus/ask.ts";
import { COMPUTE_APPS_COMMAND, parseComputeApps } from "./gpus/compute-apps.ts";
import { parseProcessStat } from "./processes.ts";

/** What a container of an instance has taken so far, and holds now. */
export type ContainerUsage = { instance: string; container: string; cpuNs: number; memoryBytes: number };

/** A part of an instance: one of its processes, or its container. */
type PartUsage = { key: string; cpuTicks: number; memoryBytes: number; gpuMemoryBytes: number };

type Held = ReadonlyMap<number, number>;

export type UsageSources = {
  ask?: (tool: Tool) => Promise<string>;
  now?: () => number;
  /** Of instances that are containers; what runs of them on this host itself only holds these. */
  readContainers?: () => Promise<ContainerUsage[]>;
};

/** The kernel's USER_HZ, which programs see whatever it counts in itself. */
const TICKS_PER_SECOND = 100;
const NS_PER_TICK = 1e9 / TICKS_PER_SECOND;
/** How engines name a container's control group, whichever the driver. */
const CONTAINER_ID = /[0-9a-f]{64}/;

/** A reader for the instances that `running` names. The first reading has no processor share. */
export function createUsageReader(
  running: () => ReadonlyMap<string, readonly number[]>,
  { ask = createAsker(), now = () => performance.now(), readContainers = async () => [] }: UsageSources = {},
): () => Promise<InstanceStats[]> {
  let before = new Map<string, number>();
  let beforeAtMs = now();
  return async () => {
    const [held, containers, cores] = await Promise.all([readHeld(ask, running()), readContainers(), readCores()]);
    const usages = await readAll(running(), containers, held ?? new Map());
    const availableTicks = ((now() - beforeAtMs) / 1000) * TICKS_PER_SECOND * cores;
    const known = before;
    before = new Map([...usages.values()].flat().map((one) => [one.key, one.cpuTicks]));
    beforeAtMs = now();
    return [...usages].map(([id, parts]) => ({
      id,
      cpuPercent: cpuShare(parts, known, availableTicks),
      memoryBytes: sum(parts.map((one) => one.memoryBytes)),
      gpuMemoryBytes: held ? sum(parts.map((one) => one.gpuMemoryBytes)) : null,
    }));
  };
}

/** In percent of all processors; a part that was not there before counts from the next time on. */
function cpuShare(parts: PartUsage[], before: ReadonlyMap<string, number>, availableTicks: number): number | null {
  const known = parts.filter(({ key }) => before.has(key));
  if (known.length === 0 || availableTicks <= 0) return null;
  const used = sum(known.map(({ key, cpuTicks }) => cpuTicks - (before.get(key) ?? cpuTicks)));
  return Math.round(Math.min(100, Math.max(0, (100 * used) / availableTicks)) * 10) / 10;
}

async function readAll(
  running: ReadonlyMap<string, readonly number[]>,
  containers: ContainerUsage[],
  held: Held,
): Promise<Map<string, PartUsage[]>> {
  const heldByContainer = containers.length === 0 ? new Map<string, number>() : await readContainersHeld(held);
  const read = async (id: string, pids: readonly number[]) => {
    const own = containers.filter(({ instance }) => instance === id);
    if (own.length > 0) return [id, own.map((one) => partOf(one, heldByContainer))] as const;
    const found = await Promise.all(pids.map((pid) => readUsage(pid, held)));
    return [id, found.filter((one) => one !== undefined)] as const;
  };
  return new Map(await Promise.all([...running].map(([id, pids]) => read(id, pids))));
}

function partOf({ container, cpuNs, memoryBytes }: ContainerUsage, held: ReadonlyMap<string, number>): PartUsage {
  return { key: container, cpuTicks: cpuNs / NS_PER_TICK, memoryBytes, gpuMemoryBytes: held.get(container) ?? 0 };
}

/** By container. A process that is not seen from here is of none, and its number may be another's. */
async function readContainersHeld(held: Held): Promise<Map<string, number>> {
  const sums = new Map<string, number>();
  for (const [pid, bytes] of held) {
    const [container] = CONTAINER_ID.exec((await readFile(`/proc/${pid}/cgroup`, "utf8").catch(isGone)) ?? "") ?? [];
    if (container !== undefined) sums.set(container, (sums.get(container) ?? 0) + bytes);
  }
  return sums;
}

async function readUsage(pid: number, held: Held): Promise<PartUsage | undefined> {
  const [stat, status] = await Promise.all(
    ["stat", "status"].map((name) => readFile(`/proc/${pid}/${name}`, "utf8").catch(isGone)),
  );
  const process = parseProcessStat(stat ?? "");
  if (stat === undefined || process === undefined) return undefined;
  return {
    // A number may be used again.
    key: `${pid} ${process.startTime}`,
    cpuTicks: parseCpuTicks(stat),
    memoryBytes: parseResident(status ?? ""),
    gpuMemoryBytes: held.get(pid) ?? 0,
  };
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

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
