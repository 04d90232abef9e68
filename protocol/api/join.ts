/** Join tokens of the HTTP API, and what a machine sends that joins. */
import * as z from "zod";
import { Timestamp } from "./common.ts";
import { Policy } from "../policy.ts";
import { NodeName, PortPool } from "./node.ts";

export const JoinInput = z
  .object({
    /** SHA-256 of the node's own key, base64url. The key itself never leaves the node. */
    keyHash: z.string().regex(/^[A-Za-z0-9_-]{43}$/, "the base64url SHA-256 of the node's key"),
    name: NodeName,
    labels: z.record(z.string(), z.string()).default({}),
    policyCeiling: Policy.optional(),
    /** For a node that is new; an admin may change it later. */
    portPool: PortPool.optional(),
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
