/** Our cookies on an app's origin, kept apart from the app's own. */

/** `<node id>.<grant secret>`: the node's hub is found without a query. */
export const GRANT_COOKIE = "__Host-roundhouse-grant";
/** The instance this browser last saw under this slug: another one must not inherit its storage. */
export const INSTANCE_COOKIE = "__Host-roundhouse-instance";

/** Says that this browser came by a share: whoever sits there may have no account to sign in with. */
export const VISITOR_COOKIE = "__Host-roundhouse-visitor";

const OURS = new Set([GRANT_COOKIE, INSTANCE_COOKIE, VISITOR_COOKIE]);
/** Works framed and top-level, on https and on `http://*.localhost` (a trustworthy origin). */
const ATTRIBUTES = "Path=/; Secure; HttpOnly; SameSite=None; Partitioned";

export const YEAR_SECONDS = 365 * 24 * 3600;

export type CookiePair = { name: string; value: string };

export function parseCookies(header: string | null): CookiePair[] {
  return (header ?? "")
    .split(";")
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .map((part) => {
      const at = part.indexOf("=");
      return at < 0 ? { name: "", value: part } : { name: part.slice(0, at), value: part.slice(at + 1) };
    });
}

export function findCookie(request: Request, name: string): string | undefined {
  return parseCookies(request.headers.get("Cookie")).find((cookie) => cookie.name === name)?.value;
}

/** The request's cookies without ours; null when none is left. */
export function appCookies(header: string | null): string | null {
  const theirs = parseCookies(header).filter((cookie) => !OURS.has(cookie.name));
  if (theirs.length === 0) return null;
  return theirs.map(({ name, value }) => (name === "" ? value : `${name}=${value}`)).join("; ");
}

export function setCookie(name: string, value: string, maxAgeSeconds: number): string {
  return `${name}=${value}; ${ATTRIBUTES}; Max-Age=${maxAgeSeconds}`;
}

export function endCookie(name: string): string {
  return setCookie(name, "", 0);
}

/** Headers that end every cookie an earlier app left on this origin. */
export function expireAppCookies(header: string | null): string[] {
  return parseCookies(header)
    .filter((cookie) => cookie.name !== "" && !OURS.has(cookie.name))
    .flatMap(({ name }) => [`${name}=; Path=/; Max-Age=0; Secure`, `${name}=; Path=/; Max-Age=0; Secure; Partitioned`]);
}

/**
 * An app's `Set-Cookie` kept to its own origin: without `Domain`, and never one of our names. Undefined when it must
 * not pass at all.
 */
export function confineSetCookie(header: string): string | undefined {
  const [pair = "", ...attributes] = header.split(";");
  // A cookie without a name comes back as its bare value, which may look like one of ours.
  const name =
    pair
      .replace(/^[\s=]+/, "")
      .split("=")[0]
      ?.trim() ?? "";
  if (OURS.has(name)) return undefined;
  const kept = attributes.filter((attribute) => !/^\s*domain\s*(=|$)/i.test(attribute));
  return [pair, ...kept].join(";");
}

/**
 * The same cookie for a browser that has the app in a frame of another site: it keeps none there but those that ask for
 * the frame's own jar. Foreign requests, which `SameSite` is to ward off, are refused before they reach an app (SPEC AC5).
 */
export function partitionSetCookie(header: string): string {
  const [pair = "", ...attributes] = header.split(";");
  const kept = attributes.filter((attribute) => !/^\s*(?:samesite|secure|partitioned)\s*(?:=|$)/i.test(attribute));
  return [pair, ...kept, " SameSite=None", " Secure", " Partitioned"].join(";");
}

/** Splits `<node id>.<secret>` of a grant cookie or a ticket; undefined parts when it is neither. */
export function splitGrant(value: string | undefined): [nodeId: string | undefined, secret: string | undefined] {
  const match = /^(nd_[a-z0-9]+)\.(rh[gt]_[A-Za-z0-9_-]{43})$/.exec(value ?? "");
  return [match?.[1], match?.[2]];
}
