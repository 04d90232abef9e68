/** Whether a request to an app's origin was made by that origin itself (SPEC AC5). All apps are one *site*, so SameSite cookies do not tell. */
import { isUpgrade } from "../upgrade.ts";

export type OriginVerdict = { ok: true } | { ok: false; why: string };

const OK: OriginVerdict = { ok: true };

/**
 * Checks `Origin` and `Sec-Fetch-Site` of a request. Foreign origins may only navigate: a top-level GET, or a frame
 * (which `frame-ancestors` in the answer keeps to the dashboard and the app itself).
 */
export function checkAppOrigin(request: Request, ownOrigin: string): OriginVerdict {
  const origin = request.headers.get("Origin");
  if (origin !== null) {
    // "null" is what sandboxed frames and some redirects send: nobody we know.
    return origin === ownOrigin ? OK : { ok: false, why: `the Origin ${origin} is not ${ownOrigin}` };
  }
  if (isUpgrade(request)) return { ok: false, why: "a WebSocket needs an Origin" };
  const site = request.headers.get("Sec-Fetch-Site");
  if (site === null || site === "same-origin" || site === "none") return OK;
  if (isNavigation(request)) return OK;
  return { ok: false, why: `a ${site} request that is not a navigation` };
}

/** A page load by GET, top-level or in a frame. */
export function isNavigation(request: Request): boolean {
  if (request.method !== "GET" || isUpgrade(request)) return false;
  const mode = request.headers.get("Sec-Fetch-Mode");
  if (mode !== null) return mode === "navigate";
  return (request.headers.get("Accept") ?? "").includes("text/html");
}
