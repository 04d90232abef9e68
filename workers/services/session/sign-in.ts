/** Signs a person in, by password or by a one-use link. */
import { isAPIError } from "better-auth/api";
import type { SignedIn, SignIn } from "@roundhouse/protocol/api/person";
import { authOf } from "../../people/auth.ts";
import { sessionProof } from "../../people/derived-keys.ts";
import type { Context } from "../context.ts";
import { ServiceError } from "../error.ts";
import { readUser } from "../user/read.ts";
import { clientAddress } from "../audit/address.ts";
import { countSignInAttempt, forgetSignInAttempts } from "./rate-limit.ts";

export type SessionStart = { signedIn: SignedIn; setCookies: string[] };
type Started = { token: string; userId: string; setCookies: string[] };

/** `request` gives the address and user agent that the session is remembered with. */
export async function signIn(ctx: Context, input: SignIn, request: Request): Promise<SessionStart> {
  const email = "email" in input ? input.email : undefined;
  // Where addresses are not known everybody counts as one. A link's token cannot be guessed, so only passwords are counted: a link always gets its owner in.
  if (email !== undefined) await countSignInAttempt(ctx, email, clientAddress(ctx.env, request));
  const headers = agentOf(request);
  const started = "email" in input ? await byPassword(ctx, input, headers) : await byLink(ctx, input.token, headers);
  if (email !== undefined) await forgetSignInAttempts(ctx, email);
  const user = await readUser(ctx.db, started.userId);
  const proof = await sessionProof(ctx.env, started.token);
  return { signedIn: { user, proof }, setCookies: started.setCookies };
}

async function byPassword(ctx: Context, body: { email: string; password: string }, headers: Headers): Promise<Started> {
  try {
    const { headers: answer, response } = await authOf(ctx.env).api.signInEmail({ body, headers, returnHeaders: true });
    return { token: response.token, userId: response.user.id, setCookies: answer.getSetCookie() };
  } catch (error) {
    if (!isAPIError(error)) throw error;
    throw new ServiceError("sign_in_failed", "The e-mail or the password is wrong.", {
      hint: "If you have no password yet, ask an admin for a sign-in link.",
      cause: error,
    });
  }
}

async function byLink(ctx: Context, token: string, headers: Headers): Promise<Started> {
  try {
    const query = { token };
    const { headers: answer, response } = await authOf(ctx.env).api.magicLinkVerify({
      query,
      headers,
      returnHeaders: true,
    });
    return { token: response.token, userId: response.user.id, setCookies: answer.getSetCookie() };
  } catch (error) {
    // better-auth answers a bad token with a redirect, thrown as an APIError.
    if (!isAPIError(error)) throw error;
    throw new ServiceError(
      "sign_in_link_invalid",
      "This sign-in link is not valid: it was used already, or it expired.",
      {
        hint: "A link works once. `npm start` prints a new one; an admin can make one for you under Users.",
        cause: error,
      },
    );
  }
}

/** Only what a session shall remember: no cookie of an earlier session may reach better-auth here. */
function agentOf(request: Request): Headers {
  const headers = new Headers();
  const agent = request.headers.get("user-agent");
  if (agent) headers.set("user-agent", agent.slice(0, 300));
  return headers;
}
