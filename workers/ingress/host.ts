/** Which room a request's host belongs to. Anything else is answered with 421 (SPEC AC1). */

export type HostRoom = { room: "dashboard" } | { room: "app"; slug: string } | { room: "unknown" };

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

/**
 * The room of a URL's host. `publicUrl` is the dashboard's address, `appsDomain` the host (and port) below which apps
 * live. The port is not compared: a proxy in front may listen on another one.
 */
export function roomOfHost(url: URL, publicUrl: string, appsDomain: string): HostRoom {
  const { hostname } = url;
  const suffix = `.${hostnameOf(appsDomain)}`;
  if (hostname.endsWith(suffix)) {
    const slug = hostname.slice(0, -suffix.length);
    return /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/.test(slug) ? { room: "app", slug } : { room: "unknown" };
  }
  if (hostname === new URL(publicUrl).hostname || LOOPBACK.has(hostname)) return { room: "dashboard" };
  return { room: "unknown" };
}

/** The origin of an app, for example `http://hello.apps.localhost:8787`. */
export function appOrigin(slug: string, publicUrl: string, appsDomain: string): string {
  return new URL(`${new URL(publicUrl).protocol}//${slug}.${appsDomain}`).origin;
}

function hostnameOf(hostAndPort: string): string {
  return new URL(`http://${hostAndPort}`).hostname;
}
