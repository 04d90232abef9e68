/** What is added to and taken from headers between a browser and an app. */
import { INGRESS_HEADERS, INTERNAL_HEADER_PREFIX } from "../objects/node-hub/wire.ts";
import { appCookies, confineSetCookie } from "./cookies.ts";

/** What a client says about the way its request came: an app believes it of a proxy. */
const FORWARDING = /^(?:forwarded|x-forwarded-.*|x-real-ip)$/;

/** The request as the node's hub gets it: what we parsed in headers of our own, our cookies removed, forwarding set. */
export function toHub(request: Request, slug: string, grantSecret: string, publicUrl: string): Request {
  const url = new URL(request.url);
  const forwarded = new Request(`https://node-hub/app${request.url.slice(url.origin.length)}`, request);
  const { headers } = forwarded;
  for (const name of [...headers.keys()]) {
    if (name.startsWith(INTERNAL_HEADER_PREFIX) || FORWARDING.test(name)) headers.delete(name);
  }
  const cookies = appCookies(request.headers.get("Cookie"));
  if (cookies === null) headers.delete("Cookie");
  else headers.set("Cookie", cookies);
  headers.set("X-Forwarded-Host", url.host);
  headers.set("X-Forwarded-Proto", new URL(publicUrl).protocol.slice(0, -1));
  headers.set("X-Forwarded-For", request.headers.get("CF-Connecting-IP") ?? "127.0.0.1");
  headers.set(INGRESS_HEADERS.slug, slug);
  headers.set(INGRESS_HEADERS.grant, grantSecret);
  return forwarded;
}

/** The app's answer as the browser gets it: cookies confined, framing kept to the dashboard and the app itself. */
export function fromApp(response: Response, dashboardOrigin: string): Response {
  if (response.status === 101) return response;
  const answer = new Response(response.body, response);
  const { headers } = answer;
  const cookies = headers.getSetCookie();
  headers.delete("Set-Cookie");
  for (const cookie of cookies) {
    const confined = confineSetCookie(cookie);
    if (confined !== undefined) headers.append("Set-Cookie", confined);
  }
  // A second policy beside the app's own: a browser enforces both.
  headers.append("Content-Security-Policy", `frame-ancestors 'self' ${dashboardOrigin}`);
  // The dashboard's frame is cross-origin; this header could only contradict the policy above.
  headers.delete("X-Frame-Options");
  return answer;
}
