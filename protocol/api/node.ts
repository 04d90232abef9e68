/** Nodes of the HTTP API. */
import * as z from "zod";
import { Facts, Stats } from "../facts.ts";
import { UnknownInstance } from "../instance.ts";
import { MAX_PORT_POOL_SIZE } from "../limits.ts";
import { Policy } from "../policy.ts";
import { Timestamp } from "./common.ts";

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

const POOL_RANGE = "a number from 1024 to 65535";
const PoolPort = z.int(POOL_RANGE).min(1024, POOL_RANGE).max(65_535, POOL_RANGE);

/** The ports that instances are given when nobody names one (both ends inclusive). */
export const PortPool = z
  .object({ first: PoolPort, last: PoolPort })
  .refine(({ first, last }) => first <= last, { message: "the first port must not lie behind the last one" })
  .refine(({ first, last }) => last - first < MAX_PORT_POOL_SIZE, {
    message: `a pool has ${MAX_PORT_POOL_SIZE} ports at most`,
  })
  .meta({ id: "PortPool" });
export type PortPool = z.infer<typeof PortPool>;

/** Which ports of a node's pool are free, as far as instances go. */
export const NodePorts = z
  .object({
    first: z.int(),
    last: z.int(),
    free: z.array(z.int()),
    /** Given to an instance: fixed by a person, or kept from its last launch. */
    taken: z.array(z.object({ port: z.int(), instance: z.string(), name: z.string() })),
  })
  .meta({ id: "NodePorts" });
export type NodePorts = z.infer<typeof NodePorts>;

export const NodeName = z.string().trim().min(1).max(60);

export const PatchNode = z
  .object({
    name: NodeName.optional(),
    labels: z.record(z.string(), z.string()).optional(),
    policy: Policy.optional(),
    /** Who runs keeps its port until its next launch. */
    portPool: PortPool.optional(),
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
