/** Ends the session of the person who asks, and what it holds open. */
import type { Context } from "../context.ts";
import { authOf } from "../../people/auth.ts";
import { revokeEverywhere } from "../revoke.ts";

/** Answers the cookies that clear the browser's. With an API key there is no session and nothing to do. */
export async function signOut(ctx: Context, request: Request): Promise<string[]> {
  if (ctx.actor.type !== "user") return [];
  const headers = new Headers({ cookie: request.headers.get("cookie") ?? "" });
  const { headers: answer } = await authOf(ctx.env).api.signOut({ headers, returnHeaders: true });
  await revokeEverywhere(ctx, { by: "session", sessionId: ctx.actor.sessionId });
  return answer.getSetCookie();
}
