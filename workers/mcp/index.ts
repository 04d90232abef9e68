/** `/mcp`: the control plane as an MCP server (Streamable HTTP, stateless), for programs with an API key. */
import { createMcpHandler } from "@modelcontextprotocol/server";
import type { Role } from "@roundhouse/protocol/api/common";
import { admit } from "../api/access.ts";
import { MAX_BODY_BYTES } from "../api/body.ts";
import type { Env } from "../env.ts";
import { clientAddress } from "../services/audit/address.ts";
import type { Context } from "../services/context.ts";
import { toErrorResponse } from "../services/error.ts";
import { callerOf, identifyKey, plain } from "./caller.ts";
import { makeServer } from "./server.ts";

/** How long a client may listen. It hears nothing, for tools change with its key's role only; and an open stream is paid for. */
const LISTEN_MS = 30_000;

/** The hosts it is served at are those of the dashboard (workers/index.ts). */
export async function handleMcp(request: Request, env: Env, execution: ExecutionContext): Promise<Response> {
  try {
    return plain(await serve(request, await callerOf(request, env, execution)));
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
