/** Writes the audit log. Entries are only ever added; old ones go when new ones are written. */
import { and, desc, eq, isNotNull, lt, sql } from "drizzle-orm";
import type { AuditEntry } from "@roundhouse/protocol/api/audit";
import { newId } from "@roundhouse/protocol/ids";
import { audit } from "../../db/audit.ts";
import type { Database } from "../../db/database.ts";

const KEPT_MS = 400 * 24 * 3600 * 1000;
const MAX_CHARACTERS = 500;

export type NewAuditEntry = Omit<AuditEntry, "id" | "at"> & { at: Date };

/**
 * Never rejects. The change has happened by then: an error in place of its answer would have it done again, and undo
 * nothing. An entry that cannot be written is therefore put, whole, into the server's log.
 * Without a name the entry gets the last one that the log has for the thing, so that a deletion can be read.
 */
export async function recordAudit(db: Database, entry: NewAuditEntry): Promise<void> {
  try {
    const tooOld = lt(audit.at, new Date(entry.at.getTime() - KEPT_MS));
    await db.batch([db.insert(audit).values(toRow(db, entry)), db.delete(audit).where(tooOld)]);
  } catch (error) {
    console.error("AUDIT ENTRY NOT WRITTEN", JSON.stringify(entry), error);
  }
}

function toRow(db: Database, { actor, entity, entityId, entityName, ...entry }: NewAuditEntry) {
  return {
    id: newId("audit"),
    at: entry.at,
    ...{ actorType: actor.type, actorId: actor.id, actorName: cut(actor.name) },
    ...{ action: entry.action, entity, entityId: cut(entityId) },
    entityName: cut(entityName) ?? lastName(db, entity, entityId),
    ...{ clientAddress: cut(entry.from), detail: cut(entry.detail) },
  };
}

function lastName(db: Database, entity: string, entityId: string | null) {
  if (entityId === null) return null;
  const known = db
    .select({ name: audit.entityName })
    .from(audit)
    .where(and(eq(audit.entity, entity), eq(audit.entityId, entityId), isNotNull(audit.entityName)))
    .orderBy(desc(audit.at))
    .limit(1);
  return sql<string | null>`(${known})`;
}

function cut<T extends string | null>(text: T): T | string {
  return text === null || text.length <= MAX_CHARACTERS ? text : `${text.slice(0, MAX_CHARACTERS)}…`;
}
