/** Sources pinned by digest: an instance is always installed from the text that was chosen for it. */
import { sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { BlueprintKind } from "@roundhouse/protocol/instance";

export const blueprintSources = sqliteTable("blueprint_sources", {
  /** SHA-256 of the source, base64url. */
  digest: text("digest").primaryKey(),
  name: text("name").notNull(),
  kind: text("kind").$type<BlueprintKind>().notNull(),
  source: text("source").notNull(),
});
