/** `/mcp`: the control plane as an MCP server (Streamable HTTP, stateless), for programs with an API key. */
import { createMcpHandler } from "@modelcontextprotocol/server";
import type { Role } from "@roundhouse/protocol/api/common";
import { admit } from "../api/access.ts";
import { MAX_BODY_BYTES } from "../api/body.ts";
import type { Env } from "../env.ts";
import type { Actor } from "../services/actor.ts";
import { touchApiKey } from "../services/api-key/touch.ts";
import { clientAddress } from "../services/audit/address.ts";
import { type Context, makeContext } from "../services/context.ts";
import { ServiceError, toErrorResponse } from "../services/error.ts";
import { identify } from "../services/identify.ts";
import { refuseForeignOrigin } from "../services/origin.ts";
import { makeServer } from "./server.ts";

/** How long a client may listen. It hears nothing, for tools change with its key's role only; and an open stream is paid for. */
const LISTEN_MS = 30_000;

/** The hosts it is served at are those of the dashboard (workers/index.ts). */
export async function handleMcp(request: Request, env: Env, execution: ExecutionContext): Promise<Response> {
  try {
    refuseForeignOrigin(env, request);
    const ctx = makeContext(env, { type: "nobody" });
    ctx.actor = await identifyKey(ctx, request);
    admit("viewer", ctx.actor);
    const touched = touchApiKey(ctx);
    if (touched) execution.waitUntil(touched);
    return plain(await serve(request, ctx));
  } catch (error) {
    return toErrorResponse(error);
  }
}

function serve(request: Request, ctx: Context): Promise<Response> {
  const requireRole = async (role: Role) => admit(role, await identifyKey(ctx, request));
  const asker = { ctx, from: clientAddress(ctx.env, request), requireRole };
  const { fetch, close } = createMcpHandler(() => makeServer(asker), {
    maxRequestBodySize: MAX_BODY_BYTES,
    onerror: ({ message }) => console.warn("mcp:", message),
  });
  if (request.headers.get("mcp-method") === "subscriptions/listen") setTimeout(() => void close(), LISTEN_MS);
  return fetch(request);
}

/** A bearer only: a session's cookie comes along with whatever a page sends. */
async function identifyKey({ env, db }: Context, request: Request): Promise<Actor> {
  if (!request.headers.has("authorization")) {
    throw new ServiceError("unauthenticated", "The MCP server is for programs with an API key.", {
      hint: "Send `Authorization: Bearer <api key>`; the dashboard makes keys under Settings, API keys.",
    });
  }
  return identify(env, db, request);
}

/** Answers are for the caller alone and never guessed into another type. */
function plain(response: Response): Response {
  const headers = new Headers(response.headers);
  if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
  headers.set("x-content-type-options", "nosniff");
  const { status, statusText } = response;
  return new Response(response.body, { status, statusText, headers });
}
