/** Remembers that a key was used, at most once an hour, so that checking a key stays a read. */
import { eq } from "drizzle-orm";
import { apiKeys } from "../../db/api-keys.ts";
import type { Context } from "../context.ts";

const TOUCH_INTERVAL_MS = 3_600_000;

/** Undefined when there is nothing to write. */
export function touchApiKey({ actor, db, now }: Context): Promise<unknown> | undefined {
  if (actor.type !== "apiKey") return undefined;
  if (actor.lastUsedAt && now.getTime() - actor.lastUsedAt.getTime() < TOUCH_INTERVAL_MS) return undefined;
  return db.update(apiKeys).set({ lastUsedAt: now }).where(eq(apiKeys.id, actor.keyId));
}
