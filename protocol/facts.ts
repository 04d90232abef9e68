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

/** Where the node is rented and what that means for it. */
export const Hosting = z.object({
  /** What `platform` was told by. */
  detectedBy: z.enum(["option", "environment", "files", "none"]),
  /** The variable or path that told: `RUNPOD_POD_ID`, `/teamspace/studios/this_studio`. */
  evidence: z.string().nullable(),
  /** Whether the agent runs as root. */
  root: z.boolean(),
  container: z.boolean(),
  inboundPorts: z.enum(["none", "some", "unknown"]),
  /** What survives a stop of the rented machine; null: nothing does, or nobody knows. */
  persistentRoot: z.string().nullable(),
  survivesStop: z.enum(["everything", "persistent-root", "nothing", "unknown"]),
  /** When the platform stops a machine that looks idle to it. */
  idleLimitMinutes: z.number().min(0).nullable(),
  /** The longest the platform lets a machine run at a stretch. */
  timeLimitHours: z.number().min(0).nullable(),
  /** `confirm`: the platform's rules may forbid app URLs, so they stay off until a person confirms; the rule is shown (SPEC AC8). */
  apps: z.discriminatedUnion("policy", [
    z.object({ policy: z.literal("allowed") }),
    z.object({ policy: z.literal("confirm"), rule: z.string() }),
  ]),
  /** `minimal`: little disk, so nothing new is installed or launched. `read-only`: the data root cannot be written. */
  mode: z.discriminatedUnion("mode", [
    z.object({ mode: z.literal("full") }),
    z.object({ mode: z.literal("minimal"), reason: z.string() }),
    z.object({ mode: z.literal("read-only"), reason: z.string() }),
  ]),
});
export type Hosting = z.infer<typeof Hosting>;

/** What Python environments can be made with on a node, by the user that apps run as. */
export const EnvironmentFacts = z.object({
  tools: z.array(
    z.object({
      name: z.enum(["uv", "micromamba", "mamba", "conda"]),
      path: z.string(),
      /** null: it does not say. */
      version: z.string().nullable(),
    }),
  ),
  pythons: z.array(
    z.object({
      version: z.string(),
      path: z.string(),
      /** Whether it can make an environment by itself: Debian's own cannot without the package python3-venv. */
      venv: z.boolean(),
    }),
  ),
});
export type EnvironmentFacts = z.infer<typeof EnvironmentFacts>;

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
  /** Older agents do not tell. */
  hosting: Hosting.optional(),
  /** Older agents do not tell. */
  environments: EnvironmentFacts.optional(),
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

/** What one instance takes of its node. */
export const InstanceStats = z.object({
  id: z.string(),
  /** Of all processors of the node together; null until it was measured twice. */
  cpuPercent: z.number().min(0).max(100).nullable(),
  memoryBytes: z.number().min(0),
  /** null where no driver tells. */
  gpuMemoryBytes: z.number().min(0).nullable(),
});
export type InstanceStats = z.infer<typeof InstanceStats>;

/** One sample. Kept by the node for an hour. */
export const Stats = z.object({
  at: z.iso.datetime(),
  cpuPercent: z.number().min(0).max(100),
  memoryUsedBytes: z.number().min(0),
  diskFreeBytes: z.number().min(0),
  gpus: z.array(GpuStats),
  /** Those that run. Only measured while somebody follows the samples; not part of the hour. Older agents do not tell. */
  instances: z.array(InstanceStats).optional(),
});
export type Stats = z.infer<typeof Stats>;
