/** How an API key is shown: everything but the key. */
import type { ApiKey } from "@roundhouse/protocol/api/person";
import type { apiKeys } from "../../db/api-keys.ts";

export function toApiKey(row: typeof apiKeys.$inferSelect, createdBy: string): ApiKey {
  const { id, name, role, prefix, createdAt, lastUsedAt, expiresAt } = row;
  return {
    id,
    name,
    role,
    prefix,
    createdBy,
    createdAt: createdAt.toISOString(),
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
    expiresAt: expiresAt?.toISOString() ?? null,
  };
}

export function ownerLabel(name: string | null): string {
  return name ?? "preset key";
}
