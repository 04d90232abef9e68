/** The dashboard's WebSockets: the live feed, and what a node's agent streams (logs, stats, terminals). */
import { FEED_SUBPROTOCOL } from "@roundhouse/protocol/session";
import { admit } from "../api/access.ts";
import { type Database, openDatabase } from "../db/database.ts";
import type { Env } from "../env.ts";
import { HOLDER_HEADER, HUB_ORIGIN } from "../objects/node-hub/wire.ts";
import { type Actor, hasRole, holderOf } from "../services/actor.ts";
import { auditActor } from "../services/audit/actor.ts";
import { clientAddress } from "../services/audit/address.ts";
import { recordAudit } from "../services/audit/record.ts";
import { ServiceError, toErrorResponse } from "../services/error.ts";
import { identify } from "../services/identify.ts";
import { readInstance } from "../services/instance/read.ts";
import { readMcpServer } from "../services/mcp-server/find.ts";
import { tooOld } from "../services/node/ask-agent.ts";
import { readNode } from "../services/node/find.ts";
import { isUpgrade } from "../upgrade.ts";

const NEEDED_ROLE = "viewer";

/**
 * Answers an upgrade of `/api/events`, `/api/instances/:id/logs`, `/api/instances/:id/terminal`, `/api/mcp-servers/:id/logs` or
 * `/api/nodes/:id/stats`; undefined for anything else.
 */
export async function handleSocket(request: Request, env: Env): Promise<Response | undefined> {
  if (!isUpgrade(request)) return undefined;
  try {
    const url = new URL(request.url);
    const actor = await identify(env, openDatabase(env.DB), request);
    if (actor.type === "nobody") {
      const hint = "Sign in, or send an API key. A browser's socket offers the session's proof as a subprotocol.";
      throw new ServiceError("unauthenticated", "This socket needs a session or an API key.", { hint });
    }
    if (!hasRole(actor, NEEDED_ROLE)) throw new ServiceError("forbidden", "This socket is for people and their keys.");
    return await route(url, request, env, actor);
  } catch (error) {
    return toErrorResponse(error);
  }
}

async function route(url: URL, request: Request, env: Env, actor: Actor): Promise<Response> {
  if (url.pathname === "/api/events") {
    return env.LIVE_FEED.getByName("feed").fetch("https://live-feed/", { headers: upgradeHeaders(request, actor) });
  }
  const [, entity, id] =
    /^\/api\/(instances|nodes|mcp-servers)\/([^/]+)\/(?:logs|stats|terminal)$/.exec(url.pathname) ?? [];
  const db = openDatabase(env.DB);
  if (entity === "instances" && id && url.pathname.endsWith("/logs")) {
    const { nodeId } = await readInstance(db, id);
    const offset = url.searchParams.get("offset") ?? "0";
    return toAgent(env, nodeId, `/instances/${id}/logs?offset=${encodeURIComponent(offset)}`, request, actor);
  }
  if (entity === "instances" && id && url.pathname.endsWith("/terminal")) {
    // A shell on the node: not even to be looked at by viewers, since what is typed shows.
    admit("operator", actor);
    const instance = await readInstance(db, id);
    const opened = await toAgent(env, instance.nodeId, `/instances/${id}/terminal${url.search}`, request, actor);
    await recordTerminal(db, clientAddress(env, request), actor, instance);
    return opened;
  }
  if (entity === "nodes" && id && url.pathname.endsWith("/stats")) {
    return toAgent(env, (await readNode(db, id)).id, "/stats", request, actor);
  }
  if (entity === "mcp-servers" && id && url.pathname.endsWith("/logs")) {
    const server = await readMcpServer(db, id);
    const offset = url.searchParams.get("offset") ?? "0";
    return toAgent(env, server.nodeId, `/mcp/${server.id}/logs?offset=${encodeURIComponent(offset)}`, request, actor);
  }
  throw new ServiceError("not_found", `There is no socket at ${url.pathname}.`);
}

async function recordTerminal(
  db: Database,
  from: string,
  actor: Actor,
  { id, name }: { id: string; name: string },
): Promise<void> {
  await recordAudit(db, {
    at: new Date(),
    actor: await auditActor(db, actor),
    action: "open-terminal",
    entity: "instance",
    entityId: id,
    entityName: name,
    from,
    detail: null,
  });
}

async function toAgent(env: Env, nodeId: string, path: string, request: Request, actor: Actor): Promise<Response> {
  const headers = upgradeHeaders(request, actor);
  const response = await env.NODE_HUB.getByName(nodeId).fetch(`${HUB_ORIGIN}/agent${path}`, { headers });
  if (response.status === 101) return response;
  if (path.includes("/terminal") && response.status === 404) throw tooOld("terminals");
  throw new ServiceError("node_offline", "The node does not answer at the moment.", {
    hint: "It answers again when its worker agent is back.",
    cause: await response.text(),
  });
}

/** What a hub gets to know: that it is an upgrade and for whom. The session's proof stays here. */
function upgradeHeaders(request: Request, actor: Actor): Headers {
  const headers = new Headers({ Upgrade: "websocket", [HOLDER_HEADER]: JSON.stringify(holderOf(actor)) });
  const offered = (request.headers.get("Sec-WebSocket-Protocol") ?? "").split(",").map((name) => name.trim());
  if (offered.includes(FEED_SUBPROTOCOL)) headers.set("Sec-WebSocket-Protocol", FEED_SUBPROTOCOL);
  return headers;
}
