/** One-use sign-in links. */
import { eq, sql } from "drizzle-orm";
import type { SignInLink } from "@roundhouse/protocol/api/person";
import { hashSecret } from "@roundhouse/protocol/ids";
import { verifications } from "../../db/verifications.ts";
import { authOf, type Courier, SIGN_IN_LINK_SECONDS } from "../../people/auth.ts";
import type { Context } from "../context.ts";

export { SIGN_IN_LINK_SECONDS };
export const INVITATION_SECONDS = 7 * 24 * 3600;
/** How better-auth names the row of a link. */
const IDENTIFIER_PREFIX = "magic-link:";

/** A link for the person with this e-mail. The token stands in the fragment, so that no server log ever sees it. */
export async function makeSignInLink(ctx: Context, email: string, seconds: number): Promise<SignInLink> {
  const token = await makeToken(ctx, email);
  const expiresAt = new Date(ctx.now.getTime() + seconds * 1000);
  const identifier = IDENTIFIER_PREFIX + (await hashSecret(token));
  await ctx.db.update(verifications).set({ expiresAt }).where(eq(verifications.identifier, identifier));
  return { url: `${new URL(ctx.env.PUBLIC_URL).origin}/sign-in#token=${token}`, expiresAt: expiresAt.toISOString() };
}

/** Links are bound to an e-mail: they must not outlive its owner. */
export async function dropSignInLinks(ctx: Context, email: string): Promise<void> {
  const ofEmail = sql`${verifications.identifier} LIKE ${`${IDENTIFIER_PREFIX}%`}
    AND json_extract(${verifications.value}, '$.email') = ${email}`;
  await ctx.db.delete(verifications).where(ofEmail);
}

async function makeToken(ctx: Context, email: string): Promise<string> {
  const delivered: string[] = [];
  const metadata: Courier = { deliver: (token) => void delivered.push(token) };
  await authOf(ctx.env).api.signInMagicLink({ body: { email, metadata }, headers: new Headers() });
  const [token] = delivered;
  if (!token) throw new Error("better-auth made no sign-in token");
  return token;
}
