/** Secrets, encrypted: their values are read by one service alone. */
import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

export const secrets = sqliteTable(
  "secrets",
  {
    name: text("name").primaryKey(),
    keyId: text("key_id").notNull(),
    sealed: text("sealed").notNull(),
    createdAt: integer("created_at", { mode: "timestamp_ms" }).notNull(),
    updatedAt: integer("updated_at", { mode: "timestamp_ms" }).notNull(),
  },
  (table) => [index("secrets_key").on(table.keyId)],
);
