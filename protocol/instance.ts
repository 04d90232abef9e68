/** An instance as both ends of the link see it: what is wanted, and what is. */
import * as z from "zod";
import { DesiredPort, ObservedPort } from "./ports.ts";
import { EnvironmentVariable } from "./variables.ts";

/** States a node reports. `unreachable` is added by the control plane while the link is down. */
export const NodeStatus = z.enum(["stopped", "installing", "starting", "started", "stalled", "stopping", "error"]);
export type NodeStatus = z.infer<typeof NodeStatus>;

export const InstanceStatus = z.enum([...NodeStatus.options, "unreachable"]);
export type InstanceStatus = z.infer<typeof InstanceStatus>;

export const RestartPolicy = z.enum(["never", "on-failure", "always"]);
export type RestartPolicy = z.infer<typeof RestartPolicy>;

export const BlueprintKind = z.enum(["bash", "pinokio", "aikit", "container"]);
export type BlueprintKind = z.infer<typeof BlueprintKind>;

export const Desired = z.enum(["running", "stopped", "deleted"]);
export type Desired = z.infer<typeof Desired>;

/** What the folder of an instance is made from before its first launch. */
export const Origin = z.discriminatedUnion("kind", [
  /** The folder of another instance of the node, which stays as it is. */
  z.object({ kind: z.literal("copy"), of: z.string() }),
  /** What lies in the node's trash under that name, and is then no longer there. */
  z.object({ kind: z.literal("trash"), entry: z.string() }),
]);
export type Origin = z.infer<typeof Origin>;

/** What the control plane wants of one instance. An older one names no folder: then it is the slug. */
export const DesiredInstance = z.preprocess(
  withFolder,
  z.object({
    id: z.string(),
    name: z.string(),
    slug: z.string(),
    /** The name of its folder on the node. It never changes: environments are bound to their path. */
    folder: z.string(),
    /** Changes with every change of this object; compared by inequality only. */
    generation: z.int(),
    desired: Desired,
    /** Only read when `desired` is `deleted`. */
    deleteMode: z.enum(["trash", "permanent"]).default("permanent"),
    /** Counts launches asked for: another number than the last launched one means "stop it if it runs, and launch". */
    epoch: z.int(),
    blueprint: z.object({ name: z.string(), kind: BlueprintKind, digest: z.string() }),
    parent: z.string().nullable(),
    /** null: nothing is there before, the first launch installs. */
    origin: Origin.nullable().default(null),
    /** Indexes or vendor ids; empty means every GPU. */
    /** Counts how often its environment was asked to be made anew; another number than the last one done means: before the next launch. */
    rebuilds: z.int().default(0),
    /** The same for its whole installation: as soon as nothing of it runs. */
    resets: z.int().default(0),
    gpuIds: z.array(z.string()),
    autostart: z.boolean(),
    /** null: the node picks the lowest free port of its pool and keeps it. */
    port: z.int().nullable(),
    /** Ports it has beside that one. */
    ports: z.array(DesiredPort).default([]),
    /** Variables of its environment. Values of secrets are never among them (SPEC EV1). */
    env: z.array(EnvironmentVariable).default([]),
    /** Folder below the node's outputs; null means the instance's own name. */
    outputPath: z.string().nullable(),
    restartPolicy: RestartPolicy,
    pythonVersion: z.string().nullable(),
    cudaVersion: z.string().nullable(),
    torchVersion: z.string().nullable(),
  }),
);
export type DesiredInstance = z.infer<typeof DesiredInstance>;

/** Why an instance is in its state, in words a person can act on. */
export const Reason = z.object({ code: z.string(), message: z.string(), hint: z.string().optional() });
export type Reason = z.infer<typeof Reason>;

/** What a node reports of one instance. */
export const ObservedInstance = z.object({
  id: z.string(),
  /** The generation of the desired object this answers. */
  generation: z.int(),
  /** The last epoch that was launched; null before the first. */
  epoch: z.int().nullable(),
  status: NodeStatus,
  /** When this status began. */
  since: z.iso.datetime(),
  reason: Reason.nullable(),
  pid: z.int().nullable(),
  /** The port it was given. Where `ports` names another one `main`, its app listens there in its place. */
  port: z.int().nullable(),
  /** What it listens on, the main port first. An older agent tells none. */
  ports: z.array(ObservedPort).default([]),
  exitCode: z.int().nullable(),
  signal: z.string().nullable(),
  startedAt: z.iso.datetime().nullable(),
  /** At most the last 20 lines of the log, each cut at 500 characters. */
  lastLines: z.array(z.string()),
  diskBytes: z.number().min(0).nullable(),
  /** Ports of this instance that listen on every interface. */
  exposed: z.array(z.int()),
  /** True when the app was wanted but its keeper is gone (reboot, Ctrl-C): the control plane then settles on `stopped`. */
  lapsed: z.boolean(),
});
export type ObservedInstance = z.infer<typeof ObservedInstance>;

/** Something on the node's disk that the control plane did not mention. It is reported, never removed. */
export const UnknownInstance = z.object({ id: z.string(), name: z.string(), status: NodeStatus });
export type UnknownInstance = z.infer<typeof UnknownInstance>;

function withFolder(instance: unknown): unknown {
  if (typeof instance !== "object" || instance === null || "folder" in instance || !("slug" in instance))
    return instance;
  return { ...instance, folder: instance.slug };
}
