/** Lists the audit log, the newest entry first. */
import { and, eq } from "drizzle-orm";
import type { AuditEntry, AuditQuery } from "@roundhouse/protocol/api/audit";
import { audit } from "../../db/audit.ts";
import type { Context } from "../context.ts";
import { beforeCursor, newestFirst, type Page, toPage } from "../page.ts";

const KEY = { createdAt: audit.at, id: audit.id };

export async function listAudit({ db }: Context, { entity, entityId, ...page }: AuditQuery): Promise<Page<AuditEntry>> {
  const rows = await db
    .select()
    .from(audit)
    .where(
      and(
        entity === undefined ? undefined : eq(audit.entity, entity),
        entityId === undefined ? undefined : eq(audit.entityId, entityId),
        beforeCursor(KEY, page),
      ),
    )
    .orderBy(...newestFirst(KEY))
    .limit(page.limit + 1);
  const dated = rows.map((row) => ({ ...row, createdAt: row.at }));
  return toPage(dated, page, toEntry);
}

function toEntry(row: typeof audit.$inferSelect): AuditEntry {
  const { id, at, action, entity, entityId, entityName, clientAddress, detail } = row;
  const actor = { type: row.actorType, id: row.actorId, name: row.actorName };
  return { id, at: at.toISOString(), actor, action, entity, entityId, entityName, from: clientAddress, detail };
}
