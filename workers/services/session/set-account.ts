/** A person sets their own name, e-mail and password. */
import { and, eq, ne } from "drizzle-orm";
import type { SetAccount, User } from "@roundhouse/protocol/api/person";
import { sessions } from "../../db/sessions.ts";
import { users } from "../../db/users.ts";
import { authOf } from "../../people/auth.ts";
import type { Context } from "../context.ts";
import { isUniqueViolation, ServiceError } from "../error.ts";
import { publishChange } from "../feed/publish.ts";
import { revokeEverywhere } from "../revoke.ts";
import { emailTaken } from "../user/create.ts";
import { PASSWORD_PROVIDER, readUser } from "../user/read.ts";
import { dropSignInLinks } from "./sign-in-link.ts";

/** A new password ends every other session: whoever had the old one is out. Needs a signed-in person, not a key. */
export async function setAccount(ctx: Context, input: SetAccount): Promise<User> {
  const { actor } = ctx;
  if (actor.type !== "user") {
    throw new ServiceError("forbidden", "Only a signed-in person can set their account.", {
      hint: "Sign in to the dashboard; a key cannot change a password.",
    });
  }
  const before = await readUser(ctx.db, actor.userId);
  await setProfile(ctx, before.id, input);
  await setPassword(ctx, before.id, input.password);
  await dropSignInLinks(ctx, before.email);
  await endOtherSessions(ctx, before.id, actor.sessionId);
  await publishChange(ctx, "user", before.id);
  return readUser(ctx.db, before.id);
}

async function setProfile(ctx: Context, id: string, { name, email }: SetAccount): Promise<void> {
  const address = email.toLowerCase();
  try {
    await ctx.db.update(users).set({ name, email: address, updatedAt: ctx.now }).where(eq(users.id, id));
  } catch (error) {
    if (isUniqueViolation(error, "users.email")) throw emailTaken(address, error);
    throw error;
  }
}

async function setPassword(ctx: Context, userId: string, password: string): Promise<void> {
  const { internalAdapter, password: hashing } = await authOf(ctx.env).$context;
  const hash = await hashing.hash(password);
  const accounts = await internalAdapter.findAccounts(userId);
  if (accounts.some((account) => account.providerId === PASSWORD_PROVIDER)) {
    await internalAdapter.updatePassword(userId, hash);
  } else {
    await internalAdapter.linkAccount({ userId, accountId: userId, providerId: PASSWORD_PROVIDER, password: hash });
  }
}

async function endOtherSessions(ctx: Context, userId: string, keptId: string): Promise<void> {
  const others = and(eq(sessions.userId, userId), ne(sessions.id, keptId));
  const ended = await ctx.db.delete(sessions).where(others).returning({ id: sessions.id });
  for (const { id } of ended) await revokeEverywhere(ctx, { by: "session", sessionId: id });
}
