/** Who speaks MCP to the control plane: programs with an API key, and nobody else. */
import { admit } from "../api/access.ts";
import type { Env } from "../env.ts";
import type { Actor } from "../services/actor.ts";
import { touchApiKey } from "../services/api-key/touch.ts";
import { type Context, makeContext } from "../services/context.ts";
import { ServiceError } from "../services/error.ts";
import { identify } from "../services/identify.ts";
import { refuseForeignOrigin } from "../services/origin.ts";

/** Throws `bad_origin`, `unauthenticated` and `forbidden`. */
export async function callerOf(request: Request, env: Env, execution: ExecutionContext): Promise<Context> {
  refuseForeignOrigin(env, request);
  const ctx = makeContext(env, { type: "nobody" });
  ctx.actor = await identifyKey(ctx, request);
  admit("viewer", ctx.actor);
  const touched = touchApiKey(ctx);
  if (touched) execution.waitUntil(touched);
  return ctx;
}

/** A bearer only: a session's cookie comes along with whatever a page sends. */
export async function identifyKey({ env, db }: Context, request: Request): Promise<Actor> {
  if (!request.headers.has("authorization")) {
    throw new ServiceError("unauthenticated", "The MCP server is for programs with an API key.", {
      hint: "Send `Authorization: Bearer <api key>`; the dashboard makes keys under Settings, API keys.",
    });
  }
  return identify(env, db, request);
}

/** Answers are for the caller alone and never guessed into another type. */
export function plain(response: Response): Response {
  const headers = new Headers(response.headers);
  if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
  headers.set("x-content-type-options", "nosniff");
  const { status, statusText } = response;
  return new Response(response.body, { status, statusText, headers });
}
