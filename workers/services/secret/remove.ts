/** Removes a secret that nothing uses. */
import { and, eq } from "drizzle-orm";
import { secrets } from "../../db/secrets.ts";
import type { Context } from "../context.ts";
import { ServiceError } from "../error.ts";
import { publishChange } from "../feed/publish.ts";
import { isUnused, usersOfSecret } from "./users.ts";

/** Throws `secret_in_use` with the names of what uses it, and `not_found`. */
export async function removeSecret(ctx: Context, name: string): Promise<void> {
  const [removed] = await ctx.db
    .delete(secrets)
    .where(and(eq(secrets.name, name), isUnused(name)))
    .returning({ name: secrets.name });
  if (!removed) throw await refusal(ctx, name);
  await publishChange(ctx, "secret", name);
}

async function refusal({ db }: Context, name: string): Promise<ServiceError> {
  const users = await usersOfSecret(db, name);
  if (users.length === 0) {
    return new ServiceError("not_found", `There is no secret ${JSON.stringify(name)}.`, {
      hint: "GET /api/secrets lists their names.",
    });
  }
  const named = users.map((user) => `the ${user.kind} ${JSON.stringify(user.name)}`).join(", ");
  return new ServiceError("secret_in_use", `${JSON.stringify(name)} is used by ${named}.`, {
    hint: "Let them use another secret first.",
    details: { usedBy: users },
  });
}
