/** Swaps a one-use ticket for the grant cookie (SPEC AC2). */
import type { Env } from "../env.ts";
import { HUB_ORIGIN, type SwapAnswer } from "../objects/node-hub/wire.ts";
import { endCookie, findCookie, splitGrant, VISITOR_COOKIE } from "../objects/node-hub/app-cookies.ts";
import type { AppHost } from "./host.ts";
import { askHub, isServedBy } from "./hub.ts";
import { land } from "./landing.ts";
import { noticePage, onlyGet } from "./pages.ts";

export async function openWithTicket(request: Request, env: Env, host: AppHost): Promise<Response> {
  // What a browser does by itself when a link is followed: nothing else may use the ticket up.
  if (request.method !== "GET") return onlyGet();
  const ticket = new URL(request.url).searchParams.get("ticket") ?? undefined;
  const [nodeId, secret] = splitGrant(ticket);
  const swapped = nodeId && secret ? await swap(request, env, nodeId, secret, host) : undefined;
  if (!nodeId || !swapped) {
    const text = "A link from the dashboard opens an app once, within a minute. Press Open again.";
    return noticePage(401, "This link was used or is too old", text, env.PUBLIC_URL);
  }
  const landing = land(request, { nodeId, ...swapped });
  if (findCookie(request, VISITOR_COOKIE)) landing.headers.append("Set-Cookie", endCookie(VISITOR_COOKIE));
  return landing;
}

async function swap(
  request: Request,
  env: Env,
  nodeId: string,
  ticket: string,
  host: AppHost,
): Promise<SwapAnswer | undefined> {
  if (!(await isServedBy(env, host.slug, nodeId))) return undefined;
  const query = new URLSearchParams({ ticket, slug: host.label, framed: String(isForeignFrame(request)) });
  const response = await askHub(env, nodeId, new Request(`${HUB_ORIGIN}/ticket?${query.toString()}`));
  return response.ok ? response.json<SwapAnswer>() : undefined;
}

/** The dashboard's frame, where the dashboard is another site than its apps. */
function isForeignFrame({ headers }: Request): boolean {
  return headers.get("Sec-Fetch-Dest") === "iframe" && headers.get("Sec-Fetch-Site") === "cross-site";
}
