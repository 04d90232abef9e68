/** The name of the session cookie, and the token inside it. */
import type { Env } from "../env.ts";

const NAME = "roundhouse_session";

/**
 * `__Host-` (and Secure) wherever browsers take it: https, and http on this machine, which Chromium and Firefox treat as
 * secure. A plain-http address on the network gets a cookie without either.
 */
export function sessionCookieName(env: Env): string {
  return isSecure(env) ? `__Host-${NAME}` : NAME;
}

export function isSecure({ PUBLIC_URL }: Env): boolean {
  const { protocol, hostname } = new URL(PUBLIC_URL);
  return (
    protocol === "https:" || hostname === "127.0.0.1" || hostname === "localhost" || hostname.endsWith(".localhost")
  );
}

/** The session token a request shows, its signature still unchecked. better-auth writes `<token>.<signature>`. */
export function sessionTokenOf(env: Env, request: Request): string | undefined {
  const name = `${sessionCookieName(env)}=`;
  const parts = (request.headers.get("cookie") ?? "").split(";").map((part) => part.trim());
  const value = parts.find((part) => part.startsWith(name))?.slice(name.length);
  const dot = value?.lastIndexOf(".") ?? -1;
  return value && dot > 0 ? value.slice(0, dot) : undefined;
}
