/** Who the caller is, and by what. */
import type { Whoami } from "@roundhouse/protocol/api/person";
import { authOf } from "../../people/auth.ts";
import type { Context } from "../context.ts";
import { ServiceError } from "../error.ts";
import { findUser } from "../user/read.ts";

/** Throws `unauthenticated` for anybody who is neither a person nor holds a key. */
export async function whoami(ctx: Context): Promise<Whoami> {
  const { actor } = ctx;
  if (actor.type === "presetKey") return { user: null, role: "admin", via: "preset-key" };
  if (actor.type === "user") {
    return { user: (await findUser(ctx.db, actor.userId)) ?? null, role: actor.role, via: "session" };
  }
  if (actor.type === "apiKey") {
    const user = actor.userId === null ? null : ((await findUser(ctx.db, actor.userId)) ?? null);
    return { user, role: actor.role, via: "api-key" };
  }
  throw new ServiceError("unauthenticated", "You are not signed in.", {
    hint: "Sign in, or send an API key as bearer.",
  });
}

/** Prolongs the session when a day of it has passed; answers the cookies to set. The dashboard asks at every load. */
export async function renewSession(ctx: Context, request: Request): Promise<string[]> {
  if (ctx.actor.type !== "user") return [];
  const headers = new Headers({ cookie: request.headers.get("cookie") ?? "" });
  const { headers: answer } = await authOf(ctx.env).api.getSession({ headers, returnHeaders: true });
  return answer.getSetCookie();
}
