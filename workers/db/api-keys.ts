/** API keys: only the SHA-256 of a key is stored, so one lookup by hash is the whole check. */
import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { Role } from "@roundhouse/protocol/api/common";
import { users } from "./users.ts";

export const apiKeys = sqliteTable(
  "api_keys",
  {
    id: text("id").primaryKey(),
    name: text("name").notNull(),
    keyHash: text("key_hash").notNull().unique(),
    prefix: text("prefix").notNull(),
    role: text("role").$type<Role>().notNull(),
    /** null: made with the preset key, so it belongs to nobody. */
    userId: text("user_id").references(() => users.id, { onDelete: "cascade" }),
    createdAt: integer("created_at", { mode: "timestamp_ms" }).notNull(),
    lastUsedAt: integer("last_used_at", { mode: "timestamp_ms" }),
    expiresAt: integer("expires_at", { mode: "timestamp_ms" }),
  },
  (table) => [index("api_keys_user").on(table.userId), index("api_keys_created").on(table.createdAt, table.id)],
);
