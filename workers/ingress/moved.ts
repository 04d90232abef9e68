/** Former hosts of renamed apps: a page load goes on to the present one, anything else is told where that is (SPEC AC11). */
import { isHostname } from "@roundhouse/protocol/hostname";
import { appLabel } from "@roundhouse/protocol/ports";
import { openDatabase } from "../db/database.ts";
import type { Env } from "../env.ts";
import { findPresentSlug } from "../services/instance/slug.ts";
import { isUpgrade } from "../upgrade.ts";
import { appOrigin } from "../hosts.ts";
import type { AppHost } from "./host.ts";
import { errorAnswer } from "./pages.ts";

/** Undefined for a host that never was an app's, or still is. */
export async function movedAnswer(request: Request, url: URL, env: Env, host: AppHost): Promise<Response | undefined> {
  if (isHostname(host.slug)) return undefined;
  const slug = await findPresentSlug(openDatabase(env.DB), host.slug);
  if (slug === undefined) return undefined;
  const origin = appOrigin(appLabel(slug, host.port), env.PUBLIC_URL, env.APPS_DOMAIN);
  if (!isTopLevelLoad(request)) {
    return errorAnswer(410, "app_moved", `The app of ${url.host} was renamed.`, `It is at ${origin} now.`);
  }
  // For this once: the slug may be another app's when this one is gone.
  const headers = { Location: `${origin}${url.pathname}${url.search}`, "Cache-Control": "no-store" };
  return new Response(null, { status: 308, headers });
}

/** A page that a person asked for, in a window of its own; or a program that only reads. */
function isTopLevelLoad(request: Request): boolean {
  if ((request.method !== "GET" && request.method !== "HEAD") || isUpgrade(request)) return false;
  if (request.headers.has("Origin")) return false;
  const mode = request.headers.get("Sec-Fetch-Mode") ?? "navigate";
  const dest = request.headers.get("Sec-Fetch-Dest") ?? "document";
  return mode === "navigate" && dest === "document";
}
