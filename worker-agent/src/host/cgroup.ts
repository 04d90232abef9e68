/** What the control group lets this process have: in a rented container, less than the host's files say. */
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isGone } from "./absent.ts";

export type CgroupUse = {
  /** Infinity where there is no limit. */
  memoryLimitBytes: number;
  /** Without the file cache, which the kernel gives back on demand. Undefined where it cannot be read. */
  memoryUsedBytes: number | undefined;
  /** Cores' worth of time per second; Infinity where there is no limit. */
  cpuLimitCores: number;
  /** Time used since the group began. */
  cpuUsedMicroseconds: number | undefined;
};

type Layout = { memory: string; cpu: string; cpuacct: string; version: 1 | 2 };

/** Reads both versions of control groups; limits of every enclosing group count. The roots are other folders in tests only. */
export async function readCgroup(mount = "/sys/fs/cgroup", selfFile = "/proc/self/cgroup"): Promise<CgroupUse> {
  const self = (await readFile(selfFile, "utf8").catch(isGone)) ?? "";
  const isUnified = (await readText(join(mount, "cgroup.controllers"))) !== undefined;
  const at = isUnified ? unifiedLayout(mount, self) : splitLayout(mount, self);
  return at.version === 2 ? readUnified(at, mount) : readSplit(at, mount);
}

async function readUnified(at: Layout, mount: string): Promise<CgroupUse> {
  const memory = await lowest(at.memory, mount, "memory.max", toLimit);
  const cpu = await lowest(at.cpu, mount, "cpu.max", (text) => {
    const [quota, period] = text.split(/\s+/);
    return toLimit(quota) / Number(period ?? 100_000);
  });
  const used = await memoryUsed(memory.dir, "memory.current", "inactive_file");
  const usage = /usage_usec (\d+)/.exec((await readText(join(cpu.dir, "cpu.stat"))) ?? "")?.[1];
  return {
    memoryLimitBytes: memory.value,
    memoryUsedBytes: used,
    cpuLimitCores: cpu.value,
    cpuUsedMicroseconds: usage === undefined ? undefined : Number(usage),
  };
}

async function readSplit(at: Layout, mount: string): Promise<CgroupUse> {
  const memory = await lowest(at.memory, mount, "memory.limit_in_bytes", toLimit);
  const cpu = await lowest(at.cpu, mount, "cpu.cfs_quota_us", toLimit);
  const period = Number((await readText(join(cpu.dir, "cpu.cfs_period_us"))) ?? 100_000);
  const nanoseconds = await readText(join(at.cpuacct, "cpuacct.usage"));
  return {
    memoryLimitBytes: memory.value,
    memoryUsedBytes: await memoryUsed(memory.dir, "memory.usage_in_bytes", "total_inactive_file"),
    cpuLimitCores: cpu.value / period,
    cpuUsedMicroseconds: nanoseconds === undefined ? undefined : Number(nanoseconds) / 1_000,
  };
}

/** The smallest limit on the way from a group up to the mount, and the folder that sets it. */
async function lowest(start: string, mount: string, file: string, parse: (text: string) => number) {
  let found = { value: Infinity, dir: start };
  for (let dir = start; dir.startsWith(mount); dir = dirname(dir)) {
    const text = await readText(join(dir, file));
    const value = text === undefined ? Infinity : parse(text);
    if (value < found.value) found = { value, dir };
  }
  return found;
}

async function memoryUsed(dir: string, file: string, cacheKey: string): Promise<number | undefined> {
  const used = await readText(join(dir, file));
  if (used === undefined) return undefined;
  const stat = (await readText(join(dir, "memory.stat"))) ?? "";
  const cache = Number(new RegExp(`^${cacheKey} (\\d+)$`, "m").exec(stat)?.[1] ?? 0);
  return Math.max(0, Number(used) - cache);
}

function unifiedLayout(mount: string, self: string): Layout {
  const dir = join(mount, /^0::(.*)$/m.exec(self)?.[1] ?? "/");
  return { memory: dir, cpu: dir, cpuacct: dir, version: 2 };
}

function splitLayout(mount: string, self: string): Layout {
  const dirOf = (controller: string) => {
    const line = self.split("\n").find((one) => one.split(":")[1]?.split(",").includes(controller));
    return join(mount, controller, line?.split(":").slice(2).join(":") ?? "/");
  };
  return { memory: dirOf("memory"), cpu: dirOf("cpu"), cpuacct: dirOf("cpuacct"), version: 1 };
}

/** `max` and -1 mean no limit; version 1 writes "no limit" for memory as a number near 2^63. */
function toLimit(text: string | undefined): number {
  const value = Number(text);
  return !Number.isFinite(value) || value < 0 || value > Number.MAX_SAFE_INTEGER ? Infinity : value;
}

async function readText(path: string): Promise<string | undefined> {
  return (await readFile(path, "utf8").catch(isGone))?.trim();
}
