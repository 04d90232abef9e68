/** What the hub answers for an app's origin: the grant check, the app's state, then a stream (SPEC AC3, AC4). */
import type { ObservedInstance } from "@roundhouse/protocol/instance";
import type { Grant, Grants } from "./grants.ts";
import { type AppState, HUB_STATE_HEADER, INGRESS_HEADERS, RESERVED_PREFIX, type SwapAnswer } from "./wire.ts";

export type AppRequestDeps = {
  grants: Grants;
  online: boolean;
  observed(instanceId: string): ObservedInstance | undefined;
  proxy(request: Request, grant: Grant, port: number): Promise<Response>;
  now(): number;
};

/** Answers a request for `https://node-hub/app<path>`. */
export async function answerAppRequest(deps: AppRequestDeps, request: Request): Promise<Response> {
  const slug = request.headers.get(INGRESS_HEADERS.slug) ?? "";
  const secret = request.headers.get(INGRESS_HEADERS.grant) ?? "";
  const grant = await deps.grants.find(secret, slug, deps.now());
  if (!grant) return hubAnswer("no-grant", 401, {});
  const path = new URL(request.url).pathname.slice("/app".length);
  const report = deps.observed(grant.instanceId);
  const state = appState(report, deps.online);
  if (path.startsWith(RESERVED_PREFIX)) {
    if (path !== `${RESERVED_PREFIX}status`) return hubAnswer("not-found", 404, {});
    return Response.json(grant.shareId === null ? state : { ...state, lastLines: null });
  }
  if (state.status !== "started" || !report?.port) return hubAnswer("not-started", 503, state);
  return deps.proxy(request, grant, report.port);
}

/** Answers `https://node-hub/ticket?slug=…&ticket=…`: the secret and path for the ingress to turn into a cookie. */
export async function answerTicketSwap(grants: Grants, request: Request, now: number): Promise<Response> {
  const query = new URL(request.url).searchParams;
  const swapped = await grants.swapTicket(query.get("ticket") ?? "", query.get("slug") ?? "", now);
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

function appState(report: ObservedInstance | undefined, online: boolean): AppState {
  return {
    status: online ? (report?.status ?? "stopped") : "unreachable",
    since: report?.since ?? null,
    reason: report?.reason ?? null,
    lastLines: report?.lastLines ?? [],
    diskBytes: report?.diskBytes ?? null,
  };
}
