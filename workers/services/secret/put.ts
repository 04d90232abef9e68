/** Makes a secret, or replaces its value; whatever uses it has the new one from its next use on. */
import type { Secret } from "@roundhouse/protocol/api/secret";
import { secrets } from "../../db/secrets.ts";
import type { Context } from "../context.ts";
import { publishChange } from "../feed/publish.ts";
import { currentKeyId } from "./current-key.ts";
import { seal } from "./seal.ts";
import { toSecret } from "./show.ts";
import { usersOfSecret } from "./users.ts";

export async function putSecret(ctx: Context, name: string, value: string): Promise<Secret> {
  const { keyId, sealed } = await seal(ctx.env, await currentKeyId(ctx), name, value);
  const [row] = await ctx.db
    .insert(secrets)
    .values({ name, keyId, sealed, createdAt: ctx.now, updatedAt: ctx.now })
    .onConflictDoUpdate({ target: secrets.name, set: { keyId, sealed, updatedAt: ctx.now } })
    .returning();
  await publishChange(ctx, "secret", name);
  const createdAt = row?.createdAt ?? ctx.now;
  return toSecret({ name, keyId, createdAt, updatedAt: ctx.now }, await usersOfSecret(ctx.db, name));
}
