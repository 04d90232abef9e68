/** All GPUs of this host, whatever reports them. */
import { runProgram } from "../programs.ts";
import { createAsker } from "./ask.ts";
import { AMD_COMMAND, parseAmd } from "./amd.ts";
import { NVIDIA_COMMAND, parseNvidia } from "./nvidia.ts";
import type { GpuReading } from "./reading.ts";
import { readSysfsGpus } from "./sysfs.ts";

export type GpuReader = () => Promise<GpuReading[]>;

type GpuSources = { run?: typeof runProgram; readSysfs?: typeof readSysfsGpus; now?: () => number };

/** A reader for facts and stats alike. It never throws, and takes at most as long as the slowest tool's limit. */
export function createGpuReader({
  run = runProgram,
  readSysfs = readSysfsGpus,
  now = Date.now,
}: GpuSources = {}): GpuReader {
  const ask = createAsker({ run, now });
  return async () => {
    const [nvidia, amd, sysfs] = await Promise.all([ask(NVIDIA_COMMAND), ask(AMD_COMMAND), readSysfs()]);
    return mergeGpus(parseNvidia(nvidia), parseAmd(amd), sysfs);
  };
}

/**
 * One list with one index per card. NVIDIA's cards come first and keep their own indexes, which is what
 * CUDA_VISIBLE_DEVICES counts by; on a host of one vendor every vendor's do.
 */
export function mergeGpus(nvidia: GpuReading[], amd: GpuReading[], sysfs: GpuReading[]): GpuReading[] {
  const rest = [...amd, ...sysfs.filter(({ fact }) => fact.vendor !== "amd" || amd.length === 0)];
  const next = Math.max(-1, ...nvidia.map(({ fact }) => fact.index)) + 1;
  return [...nvidia, ...rest.map((reading, offset) => withIndex(reading, next + offset))];
}

function withIndex({ fact, stats }: GpuReading, index: number): GpuReading {
  return { fact: { ...fact, index }, stats: { ...stats, index } };
}
