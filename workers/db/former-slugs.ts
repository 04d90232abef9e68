/** Slugs that instances had before they were renamed: their URLs lead to the present one. */
import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { instances } from "./instances.ts";

export const formerSlugs = sqliteTable(
  "former_slugs",
  {
    slug: text("slug").primaryKey(),
    instanceId: text("instance_id")
      .notNull()
      .references(() => instances.id, { onDelete: "cascade" }),
    leftAt: integer("left_at", { mode: "timestamp_ms" }).notNull(),
  },
  (table) => [index("former_slugs_instance").on(table.instanceId)],
);
