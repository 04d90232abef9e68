/** How a link that opens an app ends: with the cookie of a grant, and on the page it leads to (SPEC AC2, AC7). */
import {
  expireAppCookies,
  findCookie,
  GRANT_COOKIE,
  INSTANCE_COOKIE,
  setCookie,
  YEAR_SECONDS,
} from "../objects/node-hub/app-cookies.ts";

export type Landing = { nodeId: string; instanceId: string; path: string; secret: string; maxAgeSeconds: number };

export function land(request: Request, { nodeId, instanceId, path, secret, maxAgeSeconds }: Landing): Response {
  const headers = new Headers({ "Cache-Control": "no-store", "Referrer-Policy": "no-referrer" });
  headers.append("Set-Cookie", setCookie(GRANT_COOKIE, `${nodeId}.${secret}`, maxAgeSeconds));
  if (findCookie(request, INSTANCE_COOKIE) !== instanceId) {
    // Another instance had this name before, or none: its storage, workers and cookies must not reach this one.
    headers.set("Clear-Site-Data", '"storage"');
    for (const expired of expireAppCookies(request.headers.get("Cookie"))) headers.append("Set-Cookie", expired);
    headers.append("Set-Cookie", setCookie(INSTANCE_COOKIE, instanceId, YEAR_SECONDS));
  }
  return leadTo(path, request, headers);
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
