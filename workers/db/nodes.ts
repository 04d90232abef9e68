/** The hosts of the pool. Link state, facts and unknown instances are written for the node's hub alone. */
import { sql } from "drizzle-orm";
import { index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import type { Policy } from "@roundhouse/protocol/policy";
import type { Facts } from "@roundhouse/protocol/facts";
import type { UnknownInstance } from "@roundhouse/protocol/instance";
import type { UnknownCounts } from "@roundhouse/protocol/unknown";

export type AppsConfirmation = { at: string; by: string; platform: string };

export const nodes = sqliteTable(
  "nodes",
  {
    id: text("id").primaryKey(),
    name: text("name").notNull(),
    keyHash: text("key_hash").notNull().unique(),
    labels: text("labels", { mode: "json" }).$type<Record<string, string>>().notNull(),
    policy: text("policy", { mode: "json" }).$type<Policy>().notNull(),
    /** Set by the node at join; the policy can only be narrower. null: no ceiling. */
    policyCeiling: text("policy_ceiling", { mode: "json" }).$type<Policy>(),
    portFirst: integer("port_first").notNull(),
    portLast: integer("port_last").notNull(),
    online: integer("online", { mode: "boolean" }).notNull().default(false),
    lastSeenAt: integer("last_seen_at", { mode: "timestamp_ms" }),
    notice: text("notice"),
    facts: text("facts", { mode: "json" }).$type<Facts>(),
    agentVersion: text("agent_version"),
    unknownInstances: text("unknown_instances", { mode: "json" }).$type<UnknownInstance[]>().notNull(),
    createdAt: integer("created_at", { mode: "timestamp_ms" }).notNull(),
    /** That this machine's plan allows app URLs, said by a person. Good for the platform it was said about. */
    appsConfirmation: text("apps_confirmation", { mode: "json" }).$type<AppsConfirmation>(),
    /** What its agent said that this control plane does not know. null: nothing. */
    unknownCounts: text("unknown_counts", { mode: "json" }).$type<UnknownCounts>(),
  },
  (table) => [
    uniqueIndex("nodes_name").on(sql`lower(${table.name})`),
    index("nodes_created").on(table.createdAt, table.id),
  ],
);
