/** The hub behind a cookie or ticket. A made-up node id must not make an object, so only ids that D1 knows get there. */
import { Hostname } from "@roundhouse/protocol/hostname";
import { openDatabase } from "../db/database.ts";
import type { Env } from "../env.ts";
import { HUB_STATE_HEADER } from "../objects/node-hub/wire.ts";
import { findRoute } from "../services/instance/route.ts";
import type { AppHost } from "./host.ts";

const MAX_KNOWN = 10_000;
/** `<slug> <node id>`, and host names of apps, that led somewhere once. Only saves a query: what may be seen is the hub's to say, each time. */
const known = new Set<string>();

export async function isServedBy(env: Env, slug: string, nodeId: string): Promise<boolean> {
  const key = `${slug} ${nodeId}`;
  if (known.has(key)) return true;
  const route = await findRoute(openDatabase(env.DB), slug);
  if (route?.nodeId !== nodeId) return false;
  remember(key);
  return true;
}

/** The app whose own host name this is. */
export async function findAppHost(env: Env, hostname: string): Promise<AppHost | undefined> {
  const host = { label: hostname, slug: hostname, port: null };
  if (known.has(hostname)) return host;
  if (!Hostname.safeParse(hostname).success) return undefined;
  const route = await findRoute(openDatabase(env.DB), hostname);
  if (!route) return undefined;
  remember(hostname);
  remember(`${hostname} ${route.nodeId}`);
  return host;
}

function remember(key: string): void {
  if (known.size >= MAX_KNOWN) known.clear();
  known.add(key);
}

/** An object that is restarting just now is an app that does not answer just now. */
export async function askHub(env: Env, nodeId: string, request: Request): Promise<Response> {
  try {
    return await env.NODE_HUB.getByName(nodeId).fetch(request);
  } catch (error) {
    console.error(`hub of ${nodeId} did not answer:`, error);
    return new Response(null, { status: 503, headers: { [HUB_STATE_HEADER]: "hub-failed" } });
  }
}
