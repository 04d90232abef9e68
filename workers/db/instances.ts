/** Instances: what is wanted (services, compare-and-set on `generation`) beside what is (the node's hub, guarded by `observed_seq`). */
import { sql } from "drizzle-orm";
import { type AnySQLiteColumn, index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import type {
  BlueprintKind,
  Desired,
  NodeStatus,
  ObservedInstance,
  Origin,
  RestartPolicy,
} from "@roundhouse/protocol/instance";
import type { DeclaredPort } from "@roundhouse/protocol/ports";
import type { EnvironmentVariable } from "@roundhouse/protocol/variables";
import { blueprintSources } from "./blueprint-sources.ts";
import { nodes } from "./nodes.ts";

export const instances = sqliteTable(
  "instances",
  {
    id: text("id").primaryKey(),
    name: text("name").notNull(),
    slug: text("slug").notNull().unique(),
    /** The name of its folder on the node: the slug it began with, for ever. */
    folder: text("folder").notNull(),
    nodeId: text("node_id")
      .notNull()
      .references(() => nodes.id, { onDelete: "cascade" }),
    parentId: text("parent_id").references((): AnySQLiteColumn => instances.id),
    blueprintName: text("blueprint_name").notNull(),
    blueprintKind: text("blueprint_kind").$type<BlueprintKind>().notNull(),
    blueprintDigest: text("blueprint_digest")
      .notNull()
      .references(() => blueprintSources.digest),
    gpuIds: text("gpu_ids", { mode: "json" }).$type<string[]>().notNull(),
    autostart: integer("autostart", { mode: "boolean" }).notNull(),
    port: integer("port"),
    outputPath: text("output_path"),
    restartPolicy: text("restart_policy").$type<RestartPolicy>().notNull(),
    pythonVersion: text("python_version"),
    cudaVersion: text("cuda_version"),
    torchVersion: text("torch_version"),
    origin: text("origin", { mode: "json" }).$type<Origin>(),
    /** How often its environment was asked to be made anew, and how often all of its installation. */
    rebuilds: integer("rebuilds").notNull().default(0),
    resets: integer("resets").notNull().default(0),
    desired: text("desired").$type<Desired>().notNull(),
    epoch: integer("epoch").notNull(),
    generation: integer("generation").notNull(),
    /** When the wish last changed. */
    changedAt: integer("changed_at", { mode: "timestamp_ms" }).notNull(),
    deletedAt: integer("deleted_at", { mode: "timestamp_ms" }),
    deleteMode: text("delete_mode").$type<"trash" | "permanent">(),
    createdAt: integer("created_at", { mode: "timestamp_ms" }).notNull(),
    observed: text("observed", { mode: "json" }).$type<ObservedInstance>(),
    observedStatus: text("observed_status").$type<NodeStatus>(),
    observedPort: integer("observed_port"),
    observedEpoch: integer("observed_epoch"),
    observedGeneration: integer("observed_generation"),
    observedSeq: integer("observed_seq"),
    observedAt: integer("observed_at", { mode: "timestamp_ms" }),
    /** When it was `started` for the first time: before that, a launch is an installation. */
    firstStartedAt: integer("first_started_at", { mode: "timestamp_ms" }),
    /** A host name of its own: the origin of its main port. */
    hostname: text("hostname"),
    /** Ports it has beside its main one. */
    ports: text("ports", { mode: "json" }).$type<DeclaredPort[]>().notNull().default([]),
    /** Variables of its environment; those of secrets by the secret's name. */
    env: text("env", { mode: "json" }).$type<EnvironmentVariable[]>().notNull().default([]),
  },
  (table) => [
    uniqueIndex("instances_name")
      .on(sql`lower(${table.name})`)
      .where(sql`${table.deletedAt} IS NULL`),
    uniqueIndex("instances_port")
      .on(table.nodeId, table.port)
      .where(sql`${table.port} IS NOT NULL AND ${table.deletedAt} IS NULL`),
    uniqueIndex("instances_hostname").on(table.hostname),
    index("instances_node").on(table.nodeId),
    index("instances_created").on(table.createdAt, table.id),
    index("instances_parent").on(table.parentId),
    index("instances_blueprint").on(table.blueprintDigest),
    index("instances_blueprint_name").on(sql`lower(${table.blueprintName})`),
  ],
);
