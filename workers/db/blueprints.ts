/** Custom blueprints. The shipped ones are part of the program (services/blueprint/shipped.ts). */
import { sql } from "drizzle-orm";
import { integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import type { BlueprintKind } from "@roundhouse/protocol/instance";

export const blueprints = sqliteTable(
  "blueprints",
  {
    id: text("id").primaryKey(),
    name: text("name").notNull(),
    kind: text("kind").$type<BlueprintKind>().notNull(),
    title: text("title").notNull(),
    category: text("category"),
    description: text("description"),
    source: text("source").notNull(),
    createdAt: integer("created_at", { mode: "timestamp_ms" }).notNull(),
    updatedAt: integer("updated_at", { mode: "timestamp_ms" }).notNull(),
  },
  (table) => [uniqueIndex("blueprints_name").on(sql`lower(${table.name})`)],
);
