/** better-auth for people: passwords, sessions, one-use links. Used through `auth.api` only; its handler is never mounted. */
import { drizzleAdapter } from "better-auth/adapters/drizzle";
import { betterAuth } from "better-auth/minimal";
import { createAccessControl } from "better-auth/plugins/access";
import { admin } from "better-auth/plugins/admin";
import { adminAc, defaultStatements } from "better-auth/plugins/admin/access";
import { magicLink } from "better-auth/plugins/magic-link";
import * as z from "zod";
import { hashSecret } from "@roundhouse/protocol/ids";
import { accounts } from "../db/accounts.ts";
import { openDatabase } from "../db/database.ts";
import { sessions } from "../db/sessions.ts";
import { users } from "../db/users.ts";
import { verifications } from "../db/verifications.ts";
import type { Env } from "../env.ts";
import { isSecure, sessionCookieName } from "./cookie.ts";

const SESSION_SECONDS = 30 * 24 * 3600;
const SESSION_RENEWAL_SECONDS = 24 * 3600;
export const SIGN_IN_LINK_SECONDS = 15 * 60;

export type Auth = ReturnType<typeof makeAuth>;

const instances = new WeakMap<Env, Auth>();

/** One instance per environment: making one costs more than a request does. */
export function authOf(env: Env): Auth {
  const known = instances.get(env);
  if (known) return known;
  const auth = makeAuth(env);
  instances.set(env, auth);
  return auth;
}

function makeAuth(env: Env) {
  const schema = { user: users, session: sessions, account: accounts, verification: verifications };
  return betterAuth({
    baseURL: env.PUBLIC_URL,
    // Another text than MASTER_KEY itself, so that no signature of one purpose is good for another.
    secret: `${env.MASTER_KEY}.sign-in`,
    database: drizzleAdapter(openDatabase(env.DB), { provider: "sqlite", schema }),
    // Hashing is scrypt through node:crypto, which blocks the isolate: hashes happen one at a time by nature, and the
    // rate limit in services/session keeps their number low.
    emailAndPassword: { enabled: true, disableSignUp: true, minPasswordLength: 10, maxPasswordLength: 128 },
    session: {
      expiresIn: SESSION_SECONDS,
      updateAge: SESSION_RENEWAL_SECONDS,
      // A revoked session must be dead on its next request, so every check reads the database.
      cookieCache: { enabled: false },
    },
    plugins: [
      admin({ defaultRole: "viewer", adminRoles: ["admin"], ...poolRoles() }),
      magicLink({
        expiresIn: SIGN_IN_LINK_SECONDS,
        disableSignUp: true,
        storeToken: { type: "custom-hasher", hash: hashSecret },
        sendMagicLink: ({ token, metadata }) => Courier.parse(metadata).deliver(token),
      }),
    ],
    // Ours, in D1: better-auth's limits only guard its own handler.
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    logger: { level: "error" },
    advanced: { useSecureCookies: false, disableOriginCheck: false, ...cookies(env) },
  });
}

/** better-auth hands a link's token to a mailer; ours goes back to the caller, through the call's own metadata. */
const Courier = z.object({ deliver: z.custom<(token: string) => void>((value) => typeof value === "function") });
export type Courier = z.infer<typeof Courier>;

/** Our three roles. What each may do is decided by our access rules; better-auth only has to know the names. */
function poolRoles() {
  const ac = createAccessControl(defaultStatements);
  const none = ac.newRole({ user: [], session: [] });
  return { ac, roles: { admin: adminAc, operator: none, viewer: none } };
}

function cookies(env: Env) {
  const attributes = { httpOnly: true, secure: isSecure(env), sameSite: "strict" as const, path: "/" };
  return {
    defaultCookieAttributes: attributes,
    cookiePrefix: "roundhouse",
    cookies: { session_token: { name: sessionCookieName(env), attributes } },
  };
}
