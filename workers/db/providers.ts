/** Providers of models. */
import { sql } from "drizzle-orm";
import { index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import type { Price, ToolCallStyle } from "@roundhouse/protocol/api/provider";
import { nodes } from "./nodes.ts";
import { secrets } from "./secrets.ts";

export const providers = sqliteTable(
  "providers",
  {
    id: text("id").primaryKey(),
    name: text("name").notNull(),
    baseUrl: text("base_url").notNull(),
    secretName: text("secret_name").references(() => secrets.name),
    viaNode: text("via_node").references(() => nodes.id),
    toolCalls: text("tool_calls").$type<ToolCallStyle>().notNull(),
    prices: text("prices", { mode: "json" }).$type<Record<string, Price>>().notNull(),
    createdAt: integer("created_at", { mode: "timestamp_ms" }).notNull(),
  },
  (table) => [
    uniqueIndex("providers_name").on(sql`lower(${table.name})`),
    index("providers_created").on(table.createdAt, table.id),
    index("providers_secret").on(table.secretName),
    index("providers_node").on(table.viaNode),
  ],
);
