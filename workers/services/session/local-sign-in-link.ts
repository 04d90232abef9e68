/** The link that `npm start` prints: for the first admin, who is made when there is nobody yet. */
import { asc, eq } from "drizzle-orm";
import type { SignInLink } from "@roundhouse/protocol/api/person";
import { users } from "../../db/users.ts";
import type { Context } from "../context.ts";
import { ServiceError } from "../error.ts";
import { createUser } from "../user/create.ts";
import { makeSignInLink, SIGN_IN_LINK_SECONDS } from "./sign-in-link.ts";

const OWNER = { name: "Owner", email: "owner@roundhouse.local", role: "admin" } as const;

export async function makeLocalSignInLink(ctx: Context): Promise<SignInLink> {
  const email = (await firstAdmin(ctx)) ?? (await makeOwner(ctx));
  return makeSignInLink(ctx, email, SIGN_IN_LINK_SECONDS);
}

async function firstAdmin(ctx: Context): Promise<string | undefined> {
  const admins = ctx.db.select({ email: users.email }).from(users).where(eq(users.role, "admin"));
  const [admin] = await admins.orderBy(asc(users.createdAt), asc(users.id)).limit(1);
  return admin?.email;
}

async function makeOwner(ctx: Context): Promise<string> {
  try {
    return (await createUser(ctx, OWNER)).email;
  } catch (error) {
    // Two starts at once: the other one made the owner.
    if (error instanceof ServiceError && error.code === "name_taken") return OWNER.email;
    throw error;
  }
}
