/** Which key joined with which token, so that a join that is sent again is the same join. */
import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { joinTokens } from "./join-tokens.ts";

export const joinTokenUses = sqliteTable(
  "join_token_uses",
  {
    tokenId: text("token_id")
      .notNull()
      .references(() => joinTokens.id, { onDelete: "cascade" }),
    keyHash: text("key_hash").notNull(),
    /** No reference: the use outlives its node, so that a removed node cannot come back with the same token. */
    nodeId: text("node_id").notNull(),
    usedAt: integer("used_at", { mode: "timestamp_ms" }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.tokenId, table.keyHash] })],
);
