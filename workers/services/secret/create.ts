/** Keeps a new secret. */
import type { NewSecret, Secret } from "@roundhouse/protocol/api/secret";
import { secrets } from "../../db/secrets.ts";
import type { Context } from "../context.ts";
import { isUniqueViolation, ServiceError } from "../error.ts";
import { publishChange } from "../feed/publish.ts";
import { currentKeyId } from "./current-key.ts";
import { seal } from "./seal.ts";
import { toSecret } from "./show.ts";

/** Throws `name_taken`. */
export async function createSecret(ctx: Context, { name, value }: NewSecret): Promise<Secret> {
  const sealed = await seal(ctx.env, await currentKeyId(ctx), name, value);
  const row = { ...sealed, createdAt: ctx.now, updatedAt: ctx.now };
  try {
    await ctx.db.insert(secrets).values(row);
  } catch (error) {
    if (!isUniqueViolation(error, "secrets.name")) throw error;
    throw new ServiceError("name_taken", `name: there is a secret ${JSON.stringify(name)} already.`, {
      hint: `Choose another name, or replace its value: PUT /api/secrets/${name}.`,
      cause: error,
    });
  }
  await publishChange(ctx, "secret", name);
  return toSecret(row, []);
}
