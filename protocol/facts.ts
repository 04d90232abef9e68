/** What a node says about itself: facts change rarely, stats are samples. */
import * as z from "zod";

export const Gpu = z.object({
  index: z.int().min(0),
  /** The vendor's stable id (NVIDIA UUID, AMD serial, PCI address); what `gpuIds` may name beside the index. */
  id: z.string(),
  vendor: z.enum(["nvidia", "amd", "intel", "other"]),
  name: z.string(),
  memoryTotalBytes: z.number().min(0),
  driver: z.string().optional(),
});
export type Gpu = z.infer<typeof Gpu>;

export const DockerFact = z.discriminatedUnion("available", [
  z.object({ available: z.literal(true), version: z.string() }),
  z.object({ available: z.literal(false), reason: z.string() }),
]);
export type DockerFact = z.infer<typeof DockerFact>;

export const Facts = z.object({
  hostname: z.string(),
  /** Stable per machine; tells the same host that came back from another one that copied its key (SPEC HS5). */
  machineId: z.string(),
  /** `local`, `vast`, `runpod`, `lightning`, `colab`, … or `unknown`. */
  platform: z.string(),
  os: z.object({ name: z.string(), version: z.string(), kernel: z.string(), arch: z.string() }),
  cpu: z.object({ model: z.string(), cores: z.int().min(1) }),
  memoryTotalBytes: z.number().min(0),
  disk: z.object({ path: z.string(), totalBytes: z.number().min(0), freeBytes: z.number().min(0) }),
  gpus: z.array(Gpu),
  docker: DockerFact,
  nodeVersion: z.string(),
  /** `separate-user` when instances run under another uid than the agent (root only), with the reason when they cannot. */
  isolation: z.object({ mode: z.enum(["separate-user", "same-user"]), reason: z.string() }),
});
export type Facts = z.infer<typeof Facts>;

export const GpuStats = z.object({
  index: z.int().min(0),
  memoryUsedBytes: z.number().min(0),
  utilizationPercent: z.number().min(0).nullable(),
  temperatureCelsius: z.number().nullable(),
  powerWatts: z.number().nullable(),
});
export type GpuStats = z.infer<typeof GpuStats>;

/** One sample. Kept by the node for an hour. */
export const Stats = z.object({
  at: z.iso.datetime(),
  cpuPercent: z.number().min(0).max(100),
  memoryUsedBytes: z.number().min(0),
  diskFreeBytes: z.number().min(0),
  gpus: z.array(GpuStats),
});
export type Stats = z.infer<typeof Stats>;
