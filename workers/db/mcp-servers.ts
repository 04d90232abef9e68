/** MCP servers of nodes: how each is run or reached. What became of it is asked of its node. */
import { index, integer, real, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import type { McpListing, McpRun } from "@roundhouse/protocol/mcp";
import type { EnvironmentVariable } from "@roundhouse/protocol/variables";
import { nodes } from "./nodes.ts";

export const mcpServers = sqliteTable(
  "mcp_servers",
  {
    id: text("id").primaryKey(),
    name: text("name").notNull(),
    nodeId: text("node_id")
      .notNull()
      .references(() => nodes.id, { onDelete: "cascade" }),
    preset: text("preset"),
    run: text("run", { mode: "json" }).$type<McpRun>().notNull(),
    env: text("env", { mode: "json" }).$type<EnvironmentVariable[]>().notNull(),
    idleMinutes: real("idle_minutes"),
    /** Of the list that the rows of `mcp_tools` were written from. null: its tools were not seen yet. */
    toolsDigest: text("tools_digest"),
    about: text("about", { mode: "json" }).$type<Omit<McpListing, "tools" | "digest">>(),
    createdAt: integer("created_at", { mode: "timestamp_ms" }).notNull(),
    updatedAt: integer("updated_at", { mode: "timestamp_ms" }).notNull(),
  },
  (table) => [
    uniqueIndex("mcp_servers_name").on(table.name),
    index("mcp_servers_created").on(table.createdAt, table.id),
    index("mcp_servers_node").on(table.nodeId),
  ],
);
