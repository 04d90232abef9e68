/** One sample of how busy this host is; processor time is measured between two samples. */
import type { InstanceStats, Stats } from "@roundhouse/protocol/facts";
import { readFile } from "node:fs/promises";
import { isGone } from "./absent.ts";
import { readCgroup } from "./cgroup.ts";
import type { DataRoot } from "./data-root.ts";
import { createGpuReader, type GpuReader } from "./gpus/detect.ts";
import { readDisk } from "./machine.ts";

/** Processor time so far, in any one unit; `total` is what could have been used. */
type CpuTime = { busy: number; total: number };

const MICROSECONDS_PER_MS = 1_000;

/** A function that takes one sample. The first one's processor share is measured since the sampler was made. */
export async function createSampler(options: {
  dataRoot: DataRoot;
  readGpus?: GpuReader;
  /** What the running instances take, measured only for those who follow. */
  readInstances?: () => Promise<InstanceStats[]>;
}): Promise<(isFollowed: boolean) => Promise<Stats>> {
  const { dataRoot, readGpus = createGpuReader(), readInstances } = options;
  let before = await readCpuTime();
  return async (isFollowed) => {
    const [now, memoryUsedBytes, disk, gpus, instances] = await Promise.all([
      readCpuTime(),
      readMemoryUsed(),
      readDisk(dataRoot.path),
      readGpus(),
      isFollowed ? readInstances?.() : undefined,
    ]);
    const percent = cpuPercent(before, now);
    before = now;
    return {
      at: new Date().toISOString(),
      cpuPercent: percent,
      memoryUsedBytes,
      diskFreeBytes: disk.freeBytes,
      gpus: gpus.map((gpu) => gpu.stats),
      ...(instances && { instances }),
    };
  };
}

export function cpuPercent(before: CpuTime, now: CpuTime): number {
  const total = now.total - before.total;
  if (total <= 0) return 0;
  const percent = (100 * (now.busy - before.busy)) / total;
  return Math.round(Math.min(100, Math.max(0, percent)) * 10) / 10;
}

/** The first line of /proc/stat: clock ticks in user, nice, system, idle, iowait, irq, softirq, steal; guest is part of user. */
export function parseProcStat(text: string): CpuTime {
  const ticks = (text.split("\n")[0] ?? "").trim().split(/\s+/).slice(1, 9).map(Number);
  const total = ticks.reduce((sum, one) => sum + one, 0);
  return { busy: total - (ticks[3] ?? 0) - (ticks[4] ?? 0), total };
}

/** A value of /proc/meminfo, in bytes. */
export function parseMeminfo(text: string, key: string): number {
  return Number(new RegExp(`^${key}:\\s+(\\d+) kB`, "m").exec(text)?.[1] ?? 0) * 1024;
}

/** Where a quota holds, the share is of the quota: /proc/stat shows the whole host, neighbours included. */
async function readCpuTime(): Promise<CpuTime> {
  const cgroup = await readCgroup();
  if (cgroup.cpuLimitCores !== Infinity && cgroup.cpuUsedMicroseconds !== undefined) {
    return { busy: cgroup.cpuUsedMicroseconds, total: performance.now() * MICROSECONDS_PER_MS * cgroup.cpuLimitCores };
  }
  return parseProcStat((await readFile("/proc/stat", "utf8").catch(isGone)) ?? "");
}

async function readMemoryUsed(): Promise<number> {
  const [cgroup, meminfo] = await Promise.all([readCgroup(), readFile("/proc/meminfo", "utf8")]);
  const total = parseMeminfo(meminfo, "MemTotal");
  if (cgroup.memoryLimitBytes < total && cgroup.memoryUsedBytes !== undefined) return cgroup.memoryUsedBytes;
  return total - parseMeminfo(meminfo, "MemAvailable");
}
