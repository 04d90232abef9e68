/** Join tokens: only the hash of the secret is stored. */
import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

export const joinTokens = sqliteTable(
  "join_tokens",
  {
    id: text("id").primaryKey(),
    secretHash: text("secret_hash").notNull().unique(),
    name: text("name"),
    uses: integer("uses").notNull(),
    usesLeft: integer("uses_left").notNull(),
    expiresAt: integer("expires_at", { mode: "timestamp_ms" }).notNull(),
    createdAt: integer("created_at", { mode: "timestamp_ms" }).notNull(),
  },
  (table) => [index("join_tokens_created").on(table.createdAt, table.id)],
);
