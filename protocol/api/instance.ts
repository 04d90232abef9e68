/** Instances of the HTTP API. */
import * as z from "zod";
import { Hostname } from "../hostname.ts";
import { BlueprintKind, Desired, InstanceStatus, Reason, RestartPolicy } from "../instance.ts";
import { DeclaredPorts, PortNumber } from "../ports.ts";
import { EnvironmentVariable, EnvironmentVariables } from "../variables.ts";
import { Timestamp } from "./common.ts";

/** A port of an instance, with an origin of its own. */
export const InstancePort = z
  .object({
    /** `main`, the declared name, or null for one that was found. */
    name: z.string().nullable(),
    /** null: its node has not allotted one yet. */
    port: z.int().nullable(),
    url: z.string(),
    http: z.boolean(),
    exposed: z.boolean(),
    /** How it was declared; null for the main port and for one that was found. */
    declared: z.object({ port: z.int().nullable(), env: z.string().nullable() }).nullable(),
  })
  .meta({ id: "InstancePort" });
export type InstancePort = z.infer<typeof InstancePort>;

export const Instance = z
  .object({
    id: z.string(),
    name: z.string(),
    slug: z.string(),
    blueprint: z.string(),
    kind: BlueprintKind,
    node: z.string(),
    parent: z.string().nullable(),
    status: InstanceStatus,
    /** When the status began. */
    statusSince: Timestamp.nullable(),
    reason: Reason.nullable(),
    desired: Desired,
    /** Generation of the wish, and of the report that `status` comes from: they differ while the node has not answered. */
    generation: z.int(),
    observedGeneration: z.int().nullable(),
    /** The port it is given. Its app may listen elsewhere: `ports[0]` says where. */
    port: z.int().nullable(),
    /** The app's own origin: at its host name if it has one, else below the apps' domain. */
    url: z.string(),
    hostname: z.string().nullable(),
    /** The main port, those that were declared, and those that the app was found listening on. */
    ports: z.array(InstancePort),
    /** Variables of its environment; of one that comes of a secret, only that secret's name is told. */
    env: z.array(EnvironmentVariable),
    gpuIds: z.array(z.string()),
    autostart: z.boolean(),
    outputPath: z.string().nullable(),
    pythonVersion: z.string().nullable(),
    cudaVersion: z.string().nullable(),
    torchVersion: z.string().nullable(),
    exitCode: z.int().nullable(),
    signal: z.string().nullable(),
    lastLines: z.array(z.string()),
    diskBytes: z.number().nullable(),
    exposed: z.array(z.int()),
    restartPolicy: RestartPolicy,
    startedAt: Timestamp.nullable(),
    createdAt: Timestamp,
  })
  .meta({ id: "Instance" });
export type Instance = z.infer<typeof Instance>;

const Version = z.string().regex(/^\d+(\.\d+){0,3}$/, "a version such as 3.12");

const ENV_WORDS =
  "Variables of its environment, the whole list: beside those that every launch sets, and not those that tell its ports.";

export const instanceFields = {
  /** Outputs lie in a folder of that name. */
  name: z
    .string()
    .trim()
    .min(1)
    .max(60)
    .regex(/^(?!\.{1,2}$)\P{Cc}*$/u, "a name without line breaks and the like, and not . or .."),
  gpuIds: z.array(z.string().min(1).max(80)).max(64),
  autostart: z.boolean(),
  port: z.int().nullable(),
  /** Ports beside the main one, each with a name and a URL of its own. */
  ports: DeclaredPorts,
  /** Variables of its environment beside those that every launch sets. */
  env: EnvironmentVariables.describe(ENV_WORDS),
  outputPath: z
    .string()
    .regex(/^(?!.*(?:^|\/)\.\.?(?:\/|$))[^/\0][^\0]{0,199}$/, "a relative folder without . or .. parts")
    .nullable(),
  restartPolicy: RestartPolicy,
  /** A host name of its own, which must lead to this control plane. */
  hostname: Hostname.nullable(),
  pythonVersion: Version.nullable(),
  cudaVersion: Version.nullable(),
  torchVersion: Version.nullable(),
};

export const CreateInstance = z
  .object({
    name: instanceFields.name,
    blueprint: z.string().min(1),
    node: z.string().min(1),
    gpuIds: instanceFields.gpuIds.default([]),
    autostart: instanceFields.autostart.default(false),
    port: instanceFields.port.default(null),
    /** Left out: what the blueprint declares. */
    ports: instanceFields.ports.optional(),
    env: instanceFields.env.default([]).describe(ENV_WORDS),
    outputPath: instanceFields.outputPath.default(null),
    restartPolicy: instanceFields.restartPolicy.default("never"),
    hostname: instanceFields.hostname.default(null),
    pythonVersion: instanceFields.pythonVersion.default(null),
    cudaVersion: instanceFields.cudaVersion.default(null),
    torchVersion: instanceFields.torchVersion.default(null),
    /** Whether to install and start it at once. */
    start: z.boolean().default(false),
  })
  .meta({ id: "CreateInstance" });
export type CreateInstance = z.infer<typeof CreateInstance>;

/** A satellite has its parent's node, blueprint, installation and versions, and everything else of its own. */
export const CreateSatellite = CreateInstance.pick({
  name: true,
  gpuIds: true,
  autostart: true,
  port: true,
  ports: true,
  env: true,
  restartPolicy: true,
  hostname: true,
  start: true,
}).meta({ id: "CreateSatellite" });
export type CreateSatellite = z.infer<typeof CreateSatellite>;

/** What a copy has of its own; all else is as with the original. It is on the same node. */
export const CopyInstance = CreateInstance.pick({ name: true, port: true, autostart: true, start: true })
  .extend({
    /** Left out: those of the original. */
    gpuIds: instanceFields.gpuIds.optional(),
    env: instanceFields.env.optional(),
    restartPolicy: instanceFields.restartPolicy.optional(),
  })
  .meta({ id: "CopyInstance" });
export type CopyInstance = z.infer<typeof CopyInstance>;

/** What an app reads only when it is launched (`RESTART_FIELDS`) launches a running one anew. */
export const PatchInstance = z
  .object({
    ...instanceFields,
    /** A blueprint's id or name. */
    blueprint: z.string().min(1),
    /** false: what needs a new launch waits for the next one. */
    restart: z.boolean(),
  })
  .partial()
  .meta({ id: "PatchInstance" });
export type PatchInstance = z.infer<typeof PatchInstance>;

export const DeleteInstance = z
  .object({ mode: z.enum(["trash", "permanent"]).default("trash") })
  .meta({ id: "DeleteInstance" });
export type DeleteInstance = z.infer<typeof DeleteInstance>;

export const LogsQuery = z.object({
  /** Byte offset since the instance was made. A negative one counts from the end. */
  offset: z.coerce.number().int().default(-65_536),
});

/**
 * `offset` is where `content` begins (later than asked for when older text was rotated away), `size` where the log ends, and
 * `next` the offset to ask for then: before `size` when there is more than fits, or a character is not whole yet.
 */
export const Logs = z
  .object({ content: z.string(), offset: z.int(), size: z.int(), next: z.int() })
  .meta({ id: "Logs" });
export type Logs = z.infer<typeof Logs>;

export const OpenInstance = z
  .object({
    /** A port's name, or the number of one that was found; left out: the main port. */
    port: z.union([z.string(), PortNumber]).optional(),
    /** For a frame of the dashboard: at the origin below the apps' domain, also where the app has a host name of its own. */
    framed: z.boolean().default(false),
  })
  .meta({ id: "OpenInstance" });
export type OpenInstance = z.input<typeof OpenInstance>;

export const Opened = z.object({ url: z.url() }).meta({ id: "Opened" });
export type Opened = z.infer<typeof Opened>;
