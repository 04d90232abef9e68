/** The hosts of a deployment: the dashboard's, and those of its apps. */
import { isHostname } from "@roundhouse/protocol/hostname";

/** The origin of an app's port, for example `http://hello.apps.localhost:8787`. */
export function appOrigin(label: string, publicUrl: string, appsDomain: string): string {
  const names = namesOf(publicUrl, appsDomain);
  if (isHostname(label)) return `${names.protocol}//${label}${names.portSuffix}`;
  const [before, after] = names.aroundLabel;
  return `${before}${label}${after}`;
}

export type Names = {
  protocol: string;
  publicHostname: string;
  /** `:<port>` of the dashboard's address where it has one: host names of apps are reached by the same. */
  portSuffix: string;
  /** `.` and the domain below which apps live, without its port. */
  appsSuffix: string;
  aroundLabel: [before: string, after: string];
};

let known: { publicUrl: string; appsDomain: string; names: Names } | undefined;

/** Parsed once: they are variables of the deployment, and every request of every app asks for them. */
export function namesOf(publicUrl: string, appsDomain: string): Names {
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
