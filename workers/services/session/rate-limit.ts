/** How often somebody may try to sign in: counted in D1 per e-mail and per address, before any password is hashed. */
import { eq, lt, sql } from "drizzle-orm";
import { signInAttempts } from "../../db/sign-in-attempts.ts";
import type { Context } from "../context.ts";
import type { ServiceError } from "../error.ts";
import { tooManyRequests } from "../too-many.ts";

const WINDOW_MS = 5 * 60 * 1000;
const LIMITS = { email: 10, address: 50 } as const;

/** Counts this attempt with a password and throws `too_many_requests` beyond the limit. */
export async function countSignInAttempt(ctx: Context, email: string, address: string): Promise<void> {
  await ctx.db.delete(signInAttempts).where(lt(signInAttempts.resetAt, ctx.now));
  for (const [kind, value] of [
    ["address", address],
    ["email", email.toLowerCase()],
  ] as const) {
    const attempt = await increment(ctx, `${kind}:${value}`);
    if (attempt.count > LIMITS[kind]) throw tooMany(ctx.now, attempt.resetAt);
  }
}

/** After a success the e-mail starts afresh. */
export async function forgetSignInAttempts(ctx: Context, email: string): Promise<void> {
  await ctx.db.delete(signInAttempts).where(eq(signInAttempts.subject, `email:${email.toLowerCase()}`));
}

async function increment(ctx: Context, subject: string): Promise<{ count: number; resetAt: Date }> {
  const resetAt = new Date(ctx.now.getTime() + WINDOW_MS);
  const [row] = await ctx.db
    .insert(signInAttempts)
    .values({ subject, count: 1, resetAt })
    .onConflictDoUpdate({ target: signInAttempts.subject, set: { count: sql`${signInAttempts.count} + 1` } })
    .returning({ count: signInAttempts.count, resetAt: signInAttempts.resetAt });
  return row ?? { count: 1, resetAt };
}

function tooMany(now: Date, resetAt: Date): ServiceError {
  const hint = (seconds: number) => `Try again in ${seconds} seconds, or sign in with a link.`;
  return tooManyRequests("Too many attempts to sign in.", { now, freeAt: resetAt, hint });
}
