/** Makes an API key, which is shown this once. */
import type { CreateApiKey, NewApiKey } from "@roundhouse/protocol/api/person";
import { hashSecret, newId, newSecret } from "@roundhouse/protocol/ids";
import { apiKeys } from "../../db/api-keys.ts";
import { hasRole, roleOf, userIdOf } from "../actor.ts";
import type { Context } from "../context.ts";
import { ServiceError } from "../error.ts";
import { publishChange } from "../feed/publish.ts";
import { findUser } from "../user/read.ts";
import { ownerLabel, toApiKey } from "./show.ts";

const PREFIX_LENGTH = 10;

/** Throws `forbidden` when the key would be able to do more than its maker. */
export async function createApiKey(ctx: Context, input: CreateApiKey): Promise<NewApiKey> {
  if (!hasRole(ctx.actor, input.role)) {
    throw new ServiceError(
      "forbidden",
      `You are ${roleOf(ctx.actor)}, so you cannot make a key with the role ${input.role}.`,
      {
        hint: "Ask for your own role or a lower one.",
      },
    );
  }
  const key = newSecret("apiKey");
  const row: typeof apiKeys.$inferSelect = {
    id: newId("apiKey"),
    name: input.name,
    keyHash: await hashSecret(key),
    prefix: key.slice(0, PREFIX_LENGTH),
    role: input.role,
    userId: userIdOf(ctx.actor),
    createdAt: ctx.now,
    lastUsedAt: null,
    expiresAt: input.expiresInSeconds === null ? null : new Date(ctx.now.getTime() + input.expiresInSeconds * 1000),
  };
  await ctx.db.insert(apiKeys).values(row);
  await publishChange(ctx, "api-key", row.id);
  const owner = row.userId === null ? undefined : await findUser(ctx.db, row.userId);
  return { ...toApiKey(row, ownerLabel(owner?.name ?? null)), key };
}
