/** The audit log: who changed what, when, and from where. Never a secret's value. */
import * as z from "zod";
import { ListQuery, Timestamp } from "./common.ts";

export const AuditEntry = z
  .object({
    id: z.string(),
    at: Timestamp,
    actor: z.object({
      type: z.enum(["user", "key", "preset-key", "share", "run", "trigger", "node", "local", "nobody"]),
      id: z.string().nullable(),
      name: z.string(),
    }),
    /** A verb, such as `create`, `start`, `approve`. */
    action: z.string(),
    /** What kind of thing, such as `instance`. */
    entity: z.string(),
    entityId: z.string().nullable(),
    entityName: z.string().nullable(),
    /** The client's address; `this machine` or `unknown` where the runtime tells none. null: it did not come over HTTP. */
    from: z.string().nullable(),
    /** Further words for people. */
    detail: z.string().nullable(),
  })
  .meta({ id: "AuditEntry" });
export type AuditEntry = z.infer<typeof AuditEntry>;

export const AuditQuery = z.object({
  ...ListQuery.shape,
  entity: z.string().max(60).optional(),
  entityId: z.string().max(100).optional(),
});
export type AuditQuery = z.infer<typeof AuditQuery>;
