/** Makes a person without a password: the first sign-in is by link. */
import { isAPIError } from "better-auth/api";
import { eq } from "drizzle-orm";
import type { InviteUser, User } from "@roundhouse/protocol/api/person";
import { users } from "../../db/users.ts";
import { authOf } from "../../people/auth.ts";
import type { Context } from "../context.ts";
import { isUniqueViolation, ServiceError } from "../error.ts";
import { readUser } from "./read.ts";

/** Throws `name_taken` when the e-mail belongs to somebody already. */
export async function createUser(ctx: Context, { name, email, role }: InviteUser): Promise<User> {
  const address = email.toLowerCase();
  const [taken] = await ctx.db.select({ id: users.id }).from(users).where(eq(users.email, address));
  if (taken) throw emailTaken(address);
  try {
    // Verified, since whoever holds the link we hand out is the person; better-auth would otherwise drop their password.
    const body = { name, email: address, role, data: { emailVerified: true } };
    const { user } = await authOf(ctx.env).api.createUser({ body });
    return await readUser(ctx.db, user.id);
  } catch (error) {
    if (isUniqueViolation(error, "users.email")) throw emailTaken(address, error);
    if (isAPIError(error) && error.status === "BAD_REQUEST") throw emailTaken(address, error);
    throw error;
  }
}

export function emailTaken(email: string, cause?: unknown): ServiceError {
  return new ServiceError("name_taken", `The e-mail ${JSON.stringify(email)} belongs to another user.`, {
    hint: "Use another e-mail, or make a new sign-in link for that user.",
    cause,
  });
}
