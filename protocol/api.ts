/** Objects and inputs of the HTTP API (design: every list is `{items, cursor}`, times are ISO 8601 UTC). */
import * as z from "zod";
import { BlueprintNeeds } from "./blueprint.ts";
import { Facts, Stats } from "./facts.ts";
import { BlueprintKind, Desired, InstanceStatus, Reason, RestartPolicy, UnknownInstance } from "./instance.ts";
import { MAX_BLUEPRINT_BYTES } from "./limits.ts";

const Timestamp = z.iso.datetime();
export const Role = z.enum(["viewer", "operator", "admin"]);
export type Role = z.infer<typeof Role>;

/** One page of a list. `cursor` is null on the last page. */
export function page<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), cursor: z.string().nullable() });
}

export const ListQuery = z.object({
  limit: z.coerce.number().int().min(1).max(500).default(100),
  cursor: z.string().optional(),
});
export type ListQuery = z.infer<typeof ListQuery>;

export const Health = z.object({ status: z.literal("ok"), version: z.string() }).meta({ id: "Health" });

export const Policy = z
  .object({
    default: z.enum(["allow", "ask", "deny"]),
    execCommand: z.boolean(),
    rules: z.array(z.object({ tool: z.string(), decision: z.enum(["allow", "ask", "deny"]) })),
  })
  .meta({ id: "Policy" });
export type Policy = z.infer<typeof Policy>;

export const Node = z
  .object({
    id: z.string(),
    name: z.string(),
    status: z.enum(["online", "offline"]),
    platform: z.string(),
    gpus: Facts.shape.gpus,
    /** What the node can do, from its facts: docker, gpu vendors, isolation. */
    capabilities: z.object({
      docker: z.boolean(),
      gpuVendors: z.array(z.string()),
      isolation: z.enum(["separate-user", "same-user"]),
    }),
    policy: Policy,
    labels: z.record(z.string(), z.string()),
    facts: Facts.nullable(),
    agentVersion: z.string().nullable(),
    portPool: z.object({ first: z.int(), last: z.int() }),
    unknownInstances: z.array(UnknownInstance),
    /** Whether its apps may be opened; where the platform has a rule about that, who confirmed it and when. */
    appUrls: z.object({
      allowed: z.boolean(),
      rule: z.string().nullable(),
      confirmedAt: Timestamp.nullable(),
      confirmedBy: z.string().nullable(),
    }),
    /** Why the last connection was refused or lost, when that needs a person. */
    notice: z.string().nullable(),
    lastSeenAt: Timestamp.nullable(),
    createdAt: Timestamp,
  })
  .meta({ id: "Node" });
export type Node = z.infer<typeof Node>;

const NodeName = z.string().trim().min(1).max(60);
export const PatchNode = z
  .object({
    name: NodeName.optional(),
    labels: z.record(z.string(), z.string()).optional(),
    policy: Policy.optional(),
    /** true: the plan this machine is rented under allows app URLs. false takes that back and ends what is open. */
    appUrlsConfirmed: z.boolean().optional(),
  })
  .meta({ id: "PatchNode" });
export type PatchNode = z.infer<typeof PatchNode>;

/** The last hour, oldest first. */
export const NodeStats = z.object({ items: z.array(Stats) }).meta({ id: "NodeStats" });
export type NodeStats = z.infer<typeof NodeStats>;

/** How the pool's nodes are sent away for a while (SPEC DR1–DR4). */
export const Drain = z
  .object({
    /** From when a node has left to the first moment it may dial again. */
    reconnectAfterMs: z.int().min(0).max(600_000).default(5_000),
    /** How long requests that are open may go on. */
    graceMs: z.int().min(0).max(60_000).default(5_000),
  })
  .meta({ id: "Drain" });
export type Drain = z.infer<typeof Drain>;
/** `nodes` were told to leave; the last of them dials again within `backWithinMs`. */
export const Drained = z.object({ nodes: z.int(), backWithinMs: z.int() }).meta({ id: "Drained" });
export type Drained = z.infer<typeof Drained>;

export const JoinInput = z
  .object({
    /** SHA-256 of the node's own key, base64url. The key itself never leaves the node. */
    keyHash: z.string().regex(/^[A-Za-z0-9_-]{43}$/, "the base64url SHA-256 of the node's key"),
    name: NodeName,
    labels: z.record(z.string(), z.string()).default({}),
    policyCeiling: Policy.optional(),
  })
  .meta({ id: "JoinInput" });
export type JoinInput = z.infer<typeof JoinInput>;
export const Joined = z.object({ id: z.string(), name: z.string(), url: z.url() }).meta({ id: "Joined" });
export type Joined = z.infer<typeof Joined>;

export const CreateJoinToken = z
  .object({
    uses: z.int().min(1).max(1000).default(1),
    expiresInSeconds: z
      .int()
      .min(60)
      .max(30 * 24 * 3600)
      .default(3600),
    name: NodeName.optional(),
  })
  .meta({ id: "CreateJoinToken" });
export type CreateJoinToken = z.infer<typeof CreateJoinToken>;
export const JoinToken = z
  .object({
    id: z.string(),
    name: z.string().nullable(),
    uses: z.int(),
    usesLeft: z.int(),
    expiresAt: Timestamp,
    createdAt: Timestamp,
  })
  .meta({ id: "JoinToken" });
export type JoinToken = z.infer<typeof JoinToken>;
/** The only time the token is shown. */
export const NewJoinToken = JoinToken.extend({
  token: z.string(),
  /** The line that works everywhere: `install.script`. */
  command: z.string(),
  install: z.object({
    /** For machines with Node 20 or newer and npm; the package comes from the control plane. */
    npx: z.string(),
    /** For any machine: finds Node or fetches it. */
    script: z.string(),
  }),
}).meta({ id: "NewJoinToken" });
export type NewJoinToken = z.infer<typeof NewJoinToken>;

export const Blueprint = z
  .object({
    id: z.string(),
    name: z.string(),
    /** What a person reads; the `name` is what an instance refers to. */
    title: z.string(),
    kind: BlueprintKind,
    category: z.string().nullable(),
    description: z.string().nullable(),
    origin: z.enum(["shipped", "custom"]),
    needs: BlueprintNeeds,
    /** URL path of an SVG icon, or null. */
    icon: z.string().nullable(),
    /** Markdown; only in the answer for one blueprint. */
    readme: z.string().nullable().optional(),
    source: z.string().optional(),
  })
  .meta({ id: "Blueprint" });
export type Blueprint = z.infer<typeof Blueprint>;

const BlueprintName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,59}$/, "letters, digits, dash and underscore, at most 60");
const BlueprintSource = z
  .string()
  .min(1)
  .refine(
    (text) => new TextEncoder().encode(text).length <= MAX_BLUEPRINT_BYTES,
    `at most ${MAX_BLUEPRINT_BYTES} bytes`,
  );
export const CreateBlueprint = z
  .object({ name: BlueprintName, kind: BlueprintKind, source: BlueprintSource })
  .meta({ id: "CreateBlueprint" });
export type CreateBlueprint = z.infer<typeof CreateBlueprint>;
export const PutBlueprint = z.object({ source: BlueprintSource }).meta({ id: "PutBlueprint" });
export type PutBlueprint = z.infer<typeof PutBlueprint>;

export const Instance = z
  .object({
    id: z.string(),
    name: z.string(),
    slug: z.string(),
    blueprint: z.string(),
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
    port: z.int().nullable(),
    /** The app's own origin. */
    url: z.string(),
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
const instanceFields = {
  name: z.string().trim().min(1).max(60),
  gpuIds: z.array(z.string().min(1).max(80)).max(64),
  autostart: z.boolean(),
  port: z.int().nullable(),
  outputPath: z
    .string()
    .regex(/^(?!.*(?:^|\/)\.\.?(?:\/|$))[^/\0][^\0]{0,199}$/, "a relative folder without . or .. parts")
    .nullable(),
  restartPolicy: RestartPolicy,
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
    outputPath: instanceFields.outputPath.default(null),
    restartPolicy: instanceFields.restartPolicy.default("never"),
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
  restartPolicy: true,
  start: true,
}).meta({ id: "CreateSatellite" });
export type CreateSatellite = z.infer<typeof CreateSatellite>;
export const PatchInstance = z.object(instanceFields).partial().meta({ id: "PatchInstance" });
export type PatchInstance = z.infer<typeof PatchInstance>;
export const DeleteInstance = z
  .object({ mode: z.enum(["trash", "permanent"]).default("trash") })
  .meta({ id: "DeleteInstance" });
export type DeleteInstance = z.infer<typeof DeleteInstance>;

export const LogsQuery = z.object({
  /** Byte offset since the instance was made. A negative one counts from the end. */
  offset: z.coerce.number().int().default(-65_536),
});
/** `offset` is where `content` begins (later than asked for when older text was rotated away); `size` is where the log ends. */
export const Logs = z.object({ content: z.string(), offset: z.int(), size: z.int() }).meta({ id: "Logs" });
export type Logs = z.infer<typeof Logs>;

export const Opened = z.object({ url: z.url() }).meta({ id: "Opened" });
export type Opened = z.infer<typeof Opened>;

/** Where a share lands: a path of the app's own origin, never another host and never ours (SPEC AC4). */
const SharePath = z
  .string()
  .max(2000)
  .regex(/^\/(?![/\\]|__roundhouse\/)[\x21-\x5b\x5d-\x7e]*$/, "a path of the app such as /lab?x=1");
export const CreateShare = z
  .object({
    name: z.string().trim().min(1).max(60).nullable().default(null),
    expiresInSeconds: z
      .int()
      .min(60)
      .max(30 * 24 * 3600)
      .default(24 * 3600),
    path: SharePath.default("/"),
  })
  .meta({ id: "CreateShare" });
export type CreateShare = z.infer<typeof CreateShare>;
export const Share = z
  .object({
    id: z.string(),
    instance: z.string(),
    name: z.string().nullable(),
    path: z.string(),
    createdBy: z.string(),
    createdAt: Timestamp,
    expiresAt: Timestamp,
    lastUsedAt: Timestamp.nullable(),
  })
  .meta({ id: "Share" });
export type Share = z.infer<typeof Share>;
/** The only time the link is shown. */
export const NewShare = Share.extend({ url: z.url() }).meta({ id: "NewShare" });
export type NewShare = z.infer<typeof NewShare>;

export const CreateApiKey = z
  .object({
    name: z.string().trim().min(1).max(60),
    role: Role.default("operator"),
    expiresInSeconds: z
      .int()
      .min(60)
      .max(10 * 365 * 24 * 3600)
      .nullable()
      .default(null),
  })
  .meta({ id: "CreateApiKey" });
export type CreateApiKey = z.infer<typeof CreateApiKey>;
export const ApiKey = z
  .object({
    id: z.string(),
    name: z.string(),
    role: Role,
    /** The first characters, to recognise it by. */
    prefix: z.string(),
    createdBy: z.string(),
    createdAt: Timestamp,
    lastUsedAt: Timestamp.nullable(),
    expiresAt: Timestamp.nullable(),
  })
  .meta({ id: "ApiKey" });
export type ApiKey = z.infer<typeof ApiKey>;
export const NewApiKey = ApiKey.extend({ key: z.string() }).meta({ id: "NewApiKey" });
export type NewApiKey = z.infer<typeof NewApiKey>;

const Email = z.email().max(200);
const Password = z.string().min(10, "at least 10 characters").max(128);
export const User = z
  .object({
    id: z.string(),
    name: z.string(),
    email: z.string(),
    role: Role,
    /** False until the person set a password: they can only sign in with a link. */
    hasPassword: z.boolean(),
    createdAt: Timestamp,
  })
  .meta({ id: "User" });
export type User = z.infer<typeof User>;

/** Either a password or the token of a one-use sign-in link. */
export const SignIn = z
  .union([z.object({ email: Email, password: z.string().max(128) }), z.object({ token: z.string().min(1).max(200) })])
  .meta({ id: "SignIn" });
export type SignIn = z.infer<typeof SignIn>;
/** `proof` belongs in localStorage and goes out as the `x-roundhouse-proof` header: the cookie alone opens nothing. */
export const SignedIn = z.object({ user: User, proof: z.string() }).meta({ id: "SignedIn" });
export type SignedIn = z.infer<typeof SignedIn>;
export const Whoami = z
  .object({ user: User.nullable(), role: Role, via: z.enum(["session", "api-key", "preset-key"]) })
  .meta({ id: "Whoami" });
export type Whoami = z.infer<typeof Whoami>;
export const SetAccount = z
  .object({ name: z.string().trim().min(1).max(60), email: Email, password: Password })
  .meta({ id: "SetAccount" });
export type SetAccount = z.infer<typeof SetAccount>;
export const InviteUser = z
  .object({ name: z.string().trim().min(1).max(60), email: Email, role: Role })
  .meta({ id: "InviteUser" });
export type InviteUser = z.infer<typeof InviteUser>;
export const SignInLink = z.object({ url: z.url(), expiresAt: Timestamp }).meta({ id: "SignInLink" });
export type SignInLink = z.infer<typeof SignInLink>;
export const InvitedUser = z.object({ user: User, link: SignInLink }).meta({ id: "InvitedUser" });
export type InvitedUser = z.infer<typeof InvitedUser>;
export const PatchUser = z.object({ role: Role }).meta({ id: "PatchUser" });
export type PatchUser = z.infer<typeof PatchUser>;
