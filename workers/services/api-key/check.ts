/** Checks an API key: one query, the key joined with its owner. */
import { eq } from "drizzle-orm";
import { hashSecret } from "@roundhouse/protocol/ids";
import { apiKeys } from "../../db/api-keys.ts";
import type { Database } from "../../db/database.ts";
import { users } from "../../db/users.ts";
import { type Actor, lowerRole } from "../actor.ts";

type KeyActor = Extract<Actor, { type: "apiKey" }>;

/** Undefined for a key that is unknown, revoked, expired, or whose owner is gone or banned. */
export async function checkApiKey(db: Database, key: string): Promise<KeyActor | undefined> {
  const keyHash = await hashSecret(key);
  const [row] = await db
    .select({ key: apiKeys, ownerRole: users.role, ownerBanned: users.banned })
    .from(apiKeys)
    .leftJoin(users, eq(users.id, apiKeys.userId))
    .where(eq(apiKeys.keyHash, keyHash));
  if (!row || row.ownerBanned) return undefined;
  const { id, userId, role, expiresAt, lastUsedAt } = row.key;
  if (expiresAt && expiresAt.getTime() <= Date.now()) return undefined;
  return { type: "apiKey", keyId: id, userId, role: lowerRole(role, row.ownerRole ?? role), lastUsedAt, expiresAt };
}
