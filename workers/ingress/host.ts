/** Which room a request's host belongs to. Anything else is answered with 421 (SPEC AC1). */
import { parseAppLabel, type PortKey } from "@roundhouse/protocol/ports";
import { namesOf } from "../hosts.ts";

/** An app's host: `label` is its first label, `<slug>` or `<slug>--<port>`. Of a host name of its own, label and slug are all of it. */
export type AppHost = { label: string; slug: string; port: PortKey };
export type HostRoom = { room: "dashboard" } | ({ room: "app" } & AppHost) | { room: "unknown" };

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

/**
 * The room of a URL's host. `publicUrl` is the dashboard's address, `appsDomain` the host (and port) below which apps
 * live. The port is not compared: a proxy in front may listen on another one.
 */
export function roomOfHost({ hostname }: URL, publicUrl: string, appsDomain: string): HostRoom {
  const { publicHostname, appsSuffix } = namesOf(publicUrl, appsDomain);
  if (hostname.endsWith(appsSuffix)) {
    const label = hostname.slice(0, -appsSuffix.length);
    const parsed = parseAppLabel(label);
    return parsed ? { room: "app", label, ...parsed } : { room: "unknown" };
  }
  if (hostname === publicHostname || LOOPBACK.has(hostname)) return { room: "dashboard" };
  return { room: "unknown" };
}
