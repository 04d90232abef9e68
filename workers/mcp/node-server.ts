/** `/mcp/<server>`: an MCP server of a node at an endpoint of its own, for programs with an API key (SPEC MC4, MC7). */
import { openDatabase } from "../db/database.ts";
import type { Env } from "../env.ts";
import { auditActor } from "../services/audit/actor.ts";
import { clientAddress } from "../services/audit/address.ts";
import { recordAudit } from "../services/audit/record.ts";
import type { Context } from "../services/context.ts";
import { ServiceError, toErrorResponse } from "../services/error.ts";
import { type McpServerRow, readMcpServer } from "../services/mcp-server/find.ts";
import { askGateway } from "../services/mcp-server/gateway.ts";
import { readMessage } from "./called.ts";
import { callerOf, plain } from "./caller.ts";

const METHODS = new Set(["GET", "POST", "DELETE"]);
const OWN_PREFIX = "roundhouse-";

export async function handleNodeMcp(request: Request, env: Env, execution: ExecutionContext): Promise<Response> {
  try {
    // Both are questions to the database, asked at once; who may not ask hears nothing of the second.
    const found = readMcpServer(openDatabase(env.DB), nameOf(new URL(request.url)));
    found.catch(() => undefined);
    const ctx = await callerOf(request, env, execution);
    const server = await found;
    if (!METHODS.has(request.method)) {
      throw new ServiceError("method_not_allowed", `${request.method} is not possible here.`);
    }
    const message = await readMessage(request);
    // Now, since a client that leaves may never hear an answer, and a node may say what it likes.
    if (message.called.length > 0) execution.waitUntil(record(ctx, server, message));
    return plain(withoutOwn(await askGateway(ctx, server, message.request)));
  } catch (error) {
    return toErrorResponse(error);
  }
}

/** `/mcp/<name>`, with nothing behind it. Throws `not_found`. */
function nameOf({ pathname }: URL): string {
  const [, name] = /^\/mcp\/([^/]+)$/.exec(pathname) ?? [];
  if (name !== undefined) return name;
  throw new ServiceError("not_found", `There is nothing at ${pathname}.`, {
    hint: "An MCP server of a node is at /mcp/<name>; the pool's own is at /mcp.",
  });
}

function withoutOwn(response: Response): Response {
  const own = [...response.headers.keys()].filter((name) => name.startsWith(OWN_PREFIX));
  const { status, statusText } = response;
  const headers = new Headers(response.headers);
  for (const name of [...own, "set-cookie"]) headers.delete(name);
  return new Response(response.body, { status, statusText, headers });
}

/** An entry for each tool, as it was asked for; whether it was answered is not known yet. */
async function record(
  { env, db, actor, now }: Context,
  { id, name }: McpServerRow,
  { called, request }: { called: string[]; request: Request },
): Promise<void> {
  const who = { at: now, actor: await auditActor(db, actor), from: clientAddress(env, request) };
  const what = { action: "call", entity: "mcp-server", entityId: id, entityName: name };
  for (const tool of called) await recordAudit(db, { ...who, ...what, detail: `tool: ${tool}, via: mcp` });
}
