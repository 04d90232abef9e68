/** Removes a person with their sessions, password, links and API keys, and ends what they hold open. */
import { sql } from "drizzle-orm";
import { users } from "../../db/users.ts";
import type { Context } from "../context.ts";
import { publishChange } from "../feed/publish.ts";
import { revokeEverywhere } from "../revoke.ts";
import { dropSignInLinks } from "../session/sign-in-link.ts";
import { lastAdmin, otherAdminLeft } from "./last-admin.ts";
import { readUser } from "./read.ts";

/** Sessions, accounts, keys and shares go with the row (foreign keys cascade). */
export async function removeUser(ctx: Context, id: string): Promise<void> {
  const user = await readUser(ctx.db, id);
  const [removed] = await ctx.db
    .delete(users)
    .where(sql`${users.id} = ${id} AND ${otherAdminLeft(id)}`)
    .returning({ id: users.id });
  if (!removed) throw lastAdmin(user);
  await dropSignInLinks(ctx, user.email);
  await revokeEverywhere(ctx, { by: "user", userId: id });
  await publishChange(ctx, "user", id);
}
