/** Who changed what, when, and from where. Rows are only ever added, and go when they are old. */
import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { AuditEntry } from "@roundhouse/protocol/api/audit";

export const audit = sqliteTable(
  "audit",
  {
    id: text("id").primaryKey(),
    at: integer("at", { mode: "timestamp_ms" }).notNull(),
    actorType: text("actor_type").$type<AuditEntry["actor"]["type"]>().notNull(),
    actorId: text("actor_id"),
    actorName: text("actor_name").notNull(),
    action: text("action").notNull(),
    entity: text("entity").notNull(),
    entityId: text("entity_id"),
    entityName: text("entity_name"),
    clientAddress: text("client_address"),
    detail: text("detail"),
  },
  (table) => [
    index("audit_at").on(table.at, table.id),
    index("audit_entity").on(table.entity, table.entityId, table.at),
  ],
);
