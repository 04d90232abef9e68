/** Which room a request's host belongs to. Anything else is answered with 421 (SPEC AC1). */
import { isHostname } from "@roundhouse/protocol/hostname";
import { parseAppLabel, type PortKey } from "@roundhouse/protocol/ports";

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

/** The origin of an app's port, for example `http://hello.apps.localhost:8787`. */
export function appOrigin(label: string, publicUrl: string, appsDomain: string): string {
  const names = namesOf(publicUrl, appsDomain);
  if (isHostname(label)) return `${names.protocol}//${label}${names.portSuffix}`;
  const [before, after] = names.aroundLabel;
  return `${before}${label}${after}`;
}

type Names = {
  protocol: string;
  publicHostname: string;
  /** `:<port>` of the dashboard's address where it has one: host names of apps are reached by the same. */
  portSuffix: string;
  appsSuffix: string;
  aroundLabel: [before: string, after: string];
};

let known: { publicUrl: string; appsDomain: string; names: Names } | undefined;

/** Parsed once: they are variables of the deployment, and every request of every app asks for them. */
function namesOf(publicUrl: string, appsDomain: string): Names {
  if (known?.publicUrl !== publicUrl || known.appsDomain !== appsDomain) {
    known = { publicUrl, appsDomain, names: readNames(new URL(publicUrl), appsDomain) };
  }
  return known.names;
}

function readNames({ protocol, hostname, port }: URL, appsDomain: string): Names {
  const apps = new URL(`${protocol}//${appsDomain}`);
  return {
    protocol,
    publicHostname: hostname,
    portSuffix: port && `:${port}`,
    appsSuffix: `.${apps.hostname}`,
    aroundLabel: [`${protocol}//`, `.${apps.host}`],
  };
}
