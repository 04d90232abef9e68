/** App URLs: who may open what, then a stream (design §6). */
import type { PortKey } from "@roundhouse/protocol/ports";
import { openDatabase } from "../db/database.ts";
import type { Env } from "../env.ts";
import { findCookie, GRANT_COOKIE, splitGrant, VISITOR_COOKIE } from "../objects/node-hub/app-cookies.ts";
import { HUB_STATE_HEADER, RESERVED_PREFIX } from "../objects/node-hub/wire.ts";
import { findRoute } from "../services/instance/route.ts";
import { appOrigin } from "../hosts.ts";
import type { AppHost } from "./host.ts";
import { askHub, isServedBy } from "./hub.ts";
import { movedAnswer } from "./moved.ts";
import { openWithTicket } from "./open.ts";
import { checkAppOrigin, isNavigation } from "./origin.ts";
import { errorAnswer, noticePage, startingPage } from "./pages.ts";
import { openWithShare, shareEndedPage } from "./share.ts";

const OPEN_PATH = `${RESERVED_PREFIX}open`;
const SHARE_PATH = `${RESERVED_PREFIX}share`;

/** Answers any request whose host is an app's. The hub gets it as it came, and answers as the browser shall see it. */
export async function handleApp(request: Request, url: URL, env: Env, host: AppHost): Promise<Response> {
  const { slug } = host;
  const verdict = checkAppOrigin(request, appOrigin(host.label, env.PUBLIC_URL, env.APPS_DOMAIN));
  if (!verdict.ok) {
    return errorAnswer(
      403,
      "bad_origin",
      `This request was refused: ${verdict.why}.`,
      "An app is used from its own pages only.",
    );
  }
  if (isDoor(url.pathname)) {
    const moved = await movedAnswer(request, url, env, host);
    if (moved) return moved;
  }
  if (url.pathname === OPEN_PATH) return openWithTicket(request, env, host);
  if (url.pathname === SHARE_PATH) return openWithShare(request, env, host);
  const [nodeId] = splitGrant(findCookie(request, GRANT_COOKIE));
  if (!nodeId || !(await isServedBy(env, slug, nodeId))) return withoutGrant(request, env, host);
  const response = await askHub(env, nodeId, request);
  const state = response.headers.get(HUB_STATE_HEADER);
  if (state === null) return response;
  if (state === "no-grant") return withoutGrant(request, env, host);
  return ownAnswer(request, response, state);
}

/** Links that open an app, with a ticket or a share. */
function isDoor(pathname: string): boolean {
  return pathname === OPEN_PATH || pathname === SHARE_PATH;
}

/** Shows nothing of the app: a person is led to the dashboard, which asks who they are; a visitor hears that it is over. */
async function withoutGrant(request: Request, env: Env, host: AppHost): Promise<Response> {
  const route = await findRoute(openDatabase(env.DB), host.slug);
  if (!route) {
    const moved = await movedAnswer(request, new URL(request.url), env, host);
    if (moved) return moved;
  }
  if (!route?.ports.has(host.port)) {
    return isNavigation(request)
      ? noticePage(421, "No app lives here", `There is no app called “${host.label}” in this pool.`, env.PUBLIC_URL)
      : errorAnswer(
          421,
          "unknown_host",
          `No app lives at ${new URL(request.url).host}.`,
          "Look up the app's URL in the dashboard.",
        );
  }
  if (isNavigation(request) && findCookie(request, VISITOR_COOKIE)) return shareEndedPage(env);
  if (isNavigation(request)) return Response.redirect(doorOf(route.instanceId, host.port, env), 303);
  return errorAnswer(401, "app_not_granted", "This browser may not use this app.", "Open it from the dashboard.");
}

/** The dashboard's page that opens the app. */
function doorOf(instanceId: string, port: PortKey, env: Env): string {
  const door = new URL(`/open/${instanceId}`, env.PUBLIC_URL);
  if (port !== null) door.searchParams.set("port", String(port));
  return door.href;
}

/** The hub answered in the app's place: it is not there (yet). */
function ownAnswer(request: Request, response: Response, state: string): Response | Promise<Response> {
  if (response.ok || state === "not-found") return response;
  if (isNavigation(request)) return startingPage();
  const message = state === "not-started" ? "The app is not running." : "The app did not answer.";
  const answer = errorAnswer(response.status, "app_unavailable", message, "Its state is shown in the dashboard.");
  const retryAfter = response.headers.get("Retry-After");
  if (retryAfter !== null) answer.headers.set("Retry-After", retryAfter);
  return answer;
}
