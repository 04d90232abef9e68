/** Secrets, encrypted: names are readable, values never. */
import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

export const secrets = sqliteTable(
  "secrets",
  {
    name: text("name").primaryKey(),
    /** Which derived key it is encrypted with; a rotation encrypts it anew under the newest. */
    keyId: text("key_id").notNull(),
    /** AES-256-GCM: 12 bytes of nonce and the ciphertext with its tag, as base64url. The name is its additional data. */
    sealed: text("sealed").notNull(),
    createdAt: integer("created_at", { mode: "timestamp_ms" }).notNull(),
    updatedAt: integer("updated_at", { mode: "timestamp_ms" }).notNull(),
  },
  (table) => [index("secrets_key").on(table.keyId)],
);
