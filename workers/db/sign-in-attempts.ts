/** How often an e-mail or an address tried to sign in within the current window. */
import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

export const signInAttempts = sqliteTable(
  "sign_in_attempts",
  {
    /** `email:<e-mail>` or `address:<ip>`. */
    subject: text("subject").primaryKey(),
    count: integer("count").notNull(),
    resetAt: integer("reset_at", { mode: "timestamp_ms" }).notNull(),
  },
  (table) => [index("sign_in_attempts_reset").on(table.resetAt)],
);
