/** How a share is shown: everything but its link. */
import type { Share } from "@roundhouse/protocol/api/share";
import type { shares } from "../../db/shares.ts";

export type ShareRow = typeof shares.$inferSelect;

export function toShare(row: ShareRow, createdBy: string): Share {
  const { id, instanceId, name, path, createdAt, expiresAt, lastUsedAt, port } = row;
  return {
    id,
    instance: instanceId,
    name,
    path,
    port: port === null ? null : portKey(port),
    createdBy,
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
  };
}

/** Names begin with a letter; anything else is the number of a port that was found. */
function portKey(text: string): string | number {
  return /^\d/.test(text) ? Number(text) : text;
}
