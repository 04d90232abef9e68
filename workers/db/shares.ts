/** Share links: only the hash of the secret is stored. A share goes with its instance, its maker, and the key it was made with. */
import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { apiKeys } from "./api-keys.ts";
import { instances } from "./instances.ts";
import { users } from "./users.ts";

export const shares = sqliteTable(
  "shares",
  {
    id: text("id").primaryKey(),
    instanceId: text("instance_id")
      .notNull()
      .references(() => instances.id, { onDelete: "cascade" }),
    name: text("name"),
    secretHash: text("secret_hash").notNull().unique(),
    path: text("path").notNull(),
    /** null: made with the preset key, or with a key of nobody. */
    userId: text("user_id").references(() => users.id, { onDelete: "cascade" }),
    keyId: text("key_id").references(() => apiKeys.id, { onDelete: "cascade" }),
    createdAt: integer("created_at", { mode: "timestamp_ms" }).notNull(),
    expiresAt: integer("expires_at", { mode: "timestamp_ms" }).notNull(),
    lastUsedAt: integer("last_used_at", { mode: "timestamp_ms" }),
    /** A port's name, or the number of one that was found; null: the main port. */
    port: text("port"),
  },
  (table) => [
    index("shares_instance").on(table.instanceId, table.createdAt, table.id),
    index("shares_user").on(table.userId),
    index("shares_key").on(table.keyId),
  ],
);
