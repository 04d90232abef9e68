/** Ids of webhook messages that were taken: a replay starts nothing. */
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

export const webhookMessages = sqliteTable(
  "webhook_messages",
  {
    name: text("name").notNull(),
    messageId: text("message_id").notNull(),
    runId: text("run_id").notNull(),
    receivedAt: integer("received_at", { mode: "timestamp_ms" }).notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.name, table.messageId] }),
    index("webhook_messages_received").on(table.receivedAt),
  ],
);
