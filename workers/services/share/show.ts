/** How a share is shown: everything but its link. */
import type { Share } from "@roundhouse/protocol/api/share";
import type { shares } from "../../db/shares.ts";

export type ShareRow = typeof shares.$inferSelect;

export function toShare(row: ShareRow, createdBy: string): Share {
  const { id, instanceId, name, path, createdAt, expiresAt, lastUsedAt } = row;
  return {
    id,
    instance: instanceId,
    name,
    path,
    createdBy,
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
  };
}
