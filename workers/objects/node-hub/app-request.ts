/** What the hub answers for an app's origin: the grant check, the app's state, then a stream (SPEC AC3, AC4). */
import type { ObservedInstance } from "@roundhouse/protocol/instance";
import { findPort, MAIN_PORT, parseAppLabel, type PortKey } from "@roundhouse/protocol/ports";
import { findCookie, GRANT_COOKIE, splitGrant } from "./app-cookies.ts";
import { headersForApp, headersForBrowser } from "./app-headers.ts";
import type { Grants } from "./grants.ts";
import type { Passage } from "./streams.ts";
import { type AppState, HUB_STATE_HEADER, RESERVED_PREFIX, type SwapAnswer } from "./wire.ts";

export type AppRequestDeps = {
  grants: Grants;
  online: boolean;
  observed(instanceId: string): ObservedInstance | undefined;
  publicUrl: URL;
  /** `.` and the domain below which apps live. */
  appsSuffix: string;
  carry(passage: Passage): Promise<Response>;
  now(): number;
};

/** Answers a request as the browser sent it: its host names slug and port, or is the app's own; its cookie is the grant. */
export async function answerAppRequest(deps: AppRequestDeps, request: Request, url: URL): Promise<Response> {
  const slug = hostLabelOf(url, deps.appsSuffix);
  const [, secret = ""] = splitGrant(findCookie(request, GRANT_COOKIE));
  const grant = await deps.grants.find(secret, slug, deps.now());
  if (!grant) return hubAnswer("no-grant", 401, {});
  const report = deps.observed(grant.instanceId);
  const key = parseAppLabel(slug)?.port ?? null;
  const port = report && findPort(report, key);
  const state = stateOfPort(appState(report, deps.online), key, port);
  if (url.pathname.startsWith(RESERVED_PREFIX)) {
    if (url.pathname !== `${RESERVED_PREFIX}status`) return hubAnswer("not-found", 404, {});
    return Response.json(grant.shareId === null ? state : { ...state, lastLines: null });
  }
  if (state.status !== "started" || port === undefined) return hubAnswer("not-started", 503, state);
  const { id: grantId, slug: _slug, framed, ...holder } = grant;
  return deps.carry({
    request,
    path: request.url.slice(url.origin.length),
    target: { to: "app", instance: grant.instanceId, port },
    headers: headersForApp(request, url, deps.publicUrl.protocol.slice(0, -1)),
    answerHeaders: (headers) => headersForBrowser(headers, { dashboardOrigin: deps.publicUrl.origin, framed }),
    holder: { grantId, ...holder },
  });
}

/** What the grants of a host are for: its label below the apps' domain, else all of it. */
function hostLabelOf({ hostname }: URL, appsSuffix: string): string {
  return hostname.endsWith(appsSuffix) ? hostname.slice(0, -appsSuffix.length) : hostname;
}

/** Answers `/ticket?slug=…&ticket=…&framed=…`: the secret and path for the ingress to turn into a cookie. */
export async function answerTicketSwap(grants: Grants, request: Request, now: number): Promise<Response> {
  const query = new URL(request.url).searchParams;
  const shown = {
    ticket: query.get("ticket") ?? "",
    slug: query.get("slug") ?? "",
    framed: query.get("framed") === "true",
  };
  const swapped = await grants.swapTicket(shown, now);
  if (!swapped) return hubAnswer("bad-ticket", 401, {});
  const answer: SwapAnswer = {
    secret: swapped.secret,
    path: swapped.path,
    instanceId: swapped.grant.instanceId,
    maxAgeSeconds: Math.floor((swapped.grant.expiresAt - now) / 1000),
  };
  return Response.json(answer);
}

/** The agent was asked to leave: the node is back soon (SPEC DR3). */
export function drainingAnswer(backInMs: number): Response {
  const answer = hubAnswer("draining", 503, {});
  answer.headers.set("Retry-After", String(Math.ceil(backInMs / 1000)));
  return answer;
}

/** An answer of ours in place of the app's. */
export function hubAnswer(state: string, status: number, body: unknown): Response {
  return Response.json(body, { status, headers: { [HUB_STATE_HEADER]: state } });
}

/** An app that runs may not listen on one of its ports yet, or not any more. */
function stateOfPort(state: AppState, key: PortKey, port: number | undefined): AppState {
  if (state.status !== "started" || port !== undefined) return state;
  const message = `nothing of this app listens on its port ${key ?? MAIN_PORT}`;
  return { ...state, status: "starting", reason: { code: "port_not_open", message } };
}

function appState(report: ObservedInstance | undefined, online: boolean): AppState {
  return {
    status: online ? (report?.status ?? "stopped") : "unreachable",
    since: report?.since ?? null,
    reason: report?.reason ?? null,
    lastLines: report?.lastLines ?? [],
    diskBytes: report?.diskBytes ?? null,
  };
}
