/** What is added to and taken from headers between a browser and an app (SPEC HD2, HD4, AC5). */
import type { HeaderList } from "@roundhouse/protocol/frames";
import { appCookies, confineSetCookie, partitionSetCookie } from "./app-cookies.ts";
import { INTERNAL_HEADER_PREFIX } from "./wire.ts";

/** What a client says about the way its request came (an app believes it of a proxy), and what is said anew. */
const REPLACED = /^(?:forwarded|x-forwarded-.*|x-real-ip|host|cookie)$/;

/** A client's headers as the app gets them: ours and our cookies removed, the public side stated. */
export function headersForApp({ headers }: Request, { host }: URL, publicProtocol: string): HeaderList {
  const list = withoutOurs(headers).filter(([name]) => !REPLACED.test(name));
  const cookies = appCookies(headers.get("Cookie"));
  if (cookies !== null) list.push(["cookie", cookies]);
  list.push(
    ["x-forwarded-host", host],
    ["x-forwarded-proto", publicProtocol],
    ["x-forwarded-for", headers.get("CF-Connecting-IP") ?? "127.0.0.1"],
  );
  return list;
}

export type BrowserSide = {
  dashboardOrigin: string;
  /** The app is in a frame of another site. */
  framed: boolean;
};

/** An app's headers as the browser gets them: cookies confined, framing kept to the dashboard and the app itself. */
export function headersForBrowser(headers: HeaderList, { dashboardOrigin, framed }: BrowserSide): HeaderList {
  const list: HeaderList = [];
  for (const [name, value] of withoutOurs(headers)) {
    // The dashboard's frame is cross-origin; this header could only contradict the policy below.
    if (name === "x-frame-options") continue;
    const confined = confine(name, value);
    if (confined === undefined) continue;
    list.push([name, framed && name === "set-cookie" ? partitionSetCookie(confined) : confined]);
  }
  // A second policy beside the app's own: a browser enforces both.
  list.push(["content-security-policy", `frame-ancestors 'self' ${dashboardOrigin}`]);
  return list;
}

function confine(name: string, value: string): string | undefined {
  switch (name) {
    case "set-cookie":
      return confineSetCookie(value);
    case "content-security-policy":
      return withoutFrameAncestors(value);
    default:
      return value;
  }
}

/** Who may frame an app is ours to say, as with X-Frame-Options: an app thinks of its local address only. */
function withoutFrameAncestors(policies: string): string | undefined {
  const kept = policies
    .split(",")
    .map((policy) => policy.split(";").filter((directive) => !/^\s*frame-ancestors(\s|$)/i.test(directive)))
    .map((directives) => directives.join(";").trim())
    .filter((policy) => policy !== "");
  return kept.length === 0 ? undefined : kept.join(", ");
}

/** Lower-case names; headers of ours are dropped, so that neither a client nor an app can speak in our place. */
export function withoutOurs(headers: Iterable<[string, string]>): HeaderList {
  const list: HeaderList = [];
  for (const [rawName, value] of headers) {
    const name = rawName.toLowerCase();
    if (!name.startsWith(INTERNAL_HEADER_PREFIX)) list.push([name, value]);
  }
  return list;
}
