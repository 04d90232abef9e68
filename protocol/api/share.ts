/** Share links of the HTTP API. */
import * as z from "zod";
import { PortNumber } from "../ports.ts";
import { Timestamp } from "./common.ts";

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
    /** A port's name, or the number of one that was found; left out: the main port. */
    port: z.union([z.string(), PortNumber]).optional(),
  })
  .meta({ id: "CreateShare" });
export type CreateShare = z.infer<typeof CreateShare>;

export const Share = z
  .object({
    id: z.string(),
    instance: z.string(),
    name: z.string().nullable(),
    path: z.string(),
    /** null: the main port. */
    port: z.union([z.string(), z.int()]).nullable(),
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
