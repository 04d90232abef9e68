/** The exact Origin check. All `*.localhost` ports are one site to a browser, so the cookie's SameSite is no wall here. */
import type { Env } from "../env.ts";
import { isUpgrade } from "../upgrade.ts";
import { ServiceError } from "./error.ts";

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);
const LOOPBACK_HOSTS = new Set(["localhost", "127.0.0.1"]);

/** For requests that live on a cookie: changes and WebSockets must come from the dashboard's own pages. */
export function checkOrigin(env: Env, request: Request): void {
  if (SAFE_METHODS.has(request.method) && !isUpgrade(request)) return;
  requireOwnOrigin(env, request, request.headers.get("origin"));
}

/** For what needs no cookie, such as signing in: a browser always sends Origin with a POST, a program need not. */
export function refuseForeignOrigin(env: Env, request: Request): void {
  const origin = request.headers.get("origin");
  if (origin !== null) requireOwnOrigin(env, request, origin);
}

function requireOwnOrigin(env: Env, request: Request, origin: string | null): void {
  const expected = new URL(env.PUBLIC_URL).origin;
  if (origin === expected || (origin !== null && origin === loopbackOrigin(request))) return;
  throw new ServiceError(
    "bad_origin",
    `This came from ${origin ?? "a page that hides its origin"}, not from the dashboard.`,
    {
      hint: `Open the dashboard at ${expected}; programs use an API key.`,
    },
  );
}

/** The address the request itself was sent to, when that is this machine: `PUBLIC_URL` may name a proxy in front. */
function loopbackOrigin(request: Request): string | undefined {
  const { hostname, origin } = new URL(request.url);
  return LOOPBACK_HOSTS.has(hostname) ? origin : undefined;
}
