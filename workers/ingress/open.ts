/** Swaps a one-use ticket for the grant cookie (SPEC AC2). */
import type { Env } from "../env.ts";
import type { SwapAnswer } from "../objects/node-hub/wire.ts";
import { expireAppCookies, findCookie, GRANT_COOKIE, INSTANCE_COOKIE, setCookie, splitGrant } from "./cookies.ts";
import { askHub, isServedBy } from "./hub.ts";
import { errorAnswer, noticePage } from "./pages.ts";

const YEAR_SECONDS = 365 * 24 * 3600;

export async function openWithTicket(request: Request, env: Env, slug: string): Promise<Response> {
  // What a browser does by itself when a link is followed: nothing else may use the ticket up.
  if (request.method !== "GET") {
    return errorAnswer(
      405,
      "method_not_allowed",
      "A ticket is opened with GET.",
      "Follow the link from the dashboard.",
    );
  }
  const ticket = new URL(request.url).searchParams.get("ticket") ?? undefined;
  const [nodeId, secret] = splitGrant(ticket);
  const swapped = nodeId && secret ? await swap(env, nodeId, secret, slug) : undefined;
  if (!nodeId || !swapped) {
    const text = "A link from the dashboard opens an app once, within a minute. Press Open again.";
    return noticePage(401, "This link was used or is too old", text, env.PUBLIC_URL);
  }
  const headers = new Headers({ "Cache-Control": "no-store", "Referrer-Policy": "no-referrer" });
  headers.append("Set-Cookie", setCookie(GRANT_COOKIE, `${nodeId}.${swapped.secret}`, swapped.maxAgeSeconds));
  if (findCookie(request, INSTANCE_COOKIE) !== swapped.instanceId) {
    // Another instance had this name before, or none: its storage, workers and cookies must not reach this one.
    headers.set("Clear-Site-Data", '"storage"');
    for (const expired of expireAppCookies(request.headers.get("Cookie"))) headers.append("Set-Cookie", expired);
    headers.append("Set-Cookie", setCookie(INSTANCE_COOKIE, swapped.instanceId, YEAR_SECONDS));
  }
  return leadTo(swapped.path, request, headers);
}

/**
 * Goes on to the app. A browser that came from another site would tell the app so, with a redirect and at each reload,
 * and apps that guard themselves refuse that: such a browser goes on from a page of the app's own origin.
 */
function leadTo(path: string, request: Request, headers: Headers): Response {
  const site = request.headers.get("Sec-Fetch-Site");
  if (site === null || site === "none" || site === "same-origin") {
    headers.set("Location", path);
    return new Response(null, { status: 303, headers });
  }
  headers.set("Refresh", `0; url=${path}`);
  headers.set("Content-Type", "text/html; charset=utf-8");
  return new Response("<!doctype html><title>Opening the app</title>", { headers });
}

async function swap(env: Env, nodeId: string, ticket: string, slug: string): Promise<SwapAnswer | undefined> {
  if (!(await isServedBy(env, slug, nodeId))) return undefined;
  const query = new URLSearchParams({ ticket, slug });
  const response = await askHub(env, nodeId, new Request(`https://node-hub/ticket?${query.toString()}`));
  return response.ok ? response.json<SwapAnswer>() : undefined;
}
