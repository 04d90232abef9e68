/** Tools of MCP servers: as each was seen last, and as somebody approved it. They may be used where the two are the same. */
import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { McpToolDefinition } from "@roundhouse/protocol/mcp-definition";
import { mcpServers } from "./mcp-servers.ts";

export const mcpTools = sqliteTable(
  "mcp_tools",
  {
    serverId: text("server_id")
      .notNull()
      .references(() => mcpServers.id, { onDelete: "cascade" }),
    name: text("name").notNull(),
    /** null: the server has it no more. */
    seen: text("seen", { mode: "json" }).$type<McpToolDefinition>(),
    seenHash: text("seen_hash"),
    /** null: nobody approved it. */
    approved: text("approved", { mode: "json" }).$type<McpToolDefinition>(),
    approvedHash: text("approved_hash"),
    approvedBy: text("approved_by"),
    approvedAt: integer("approved_at", { mode: "timestamp_ms" }),
    blocked: integer("blocked", { mode: "boolean" }).notNull(),
    seenAt: integer("seen_at", { mode: "timestamp_ms" }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.serverId, table.name] })],
);
