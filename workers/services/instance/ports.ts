/** The ports of an instance, each with a URL of its own: the main one, those it declares, and those its node found. */
import type { InstancePort } from "@roundhouse/protocol/api/instance";
import type { ObservedInstance } from "@roundhouse/protocol/instance";
import { appLabel, MAIN_PORT, type ObservedPort, type PortKey } from "@roundhouse/protocol/ports";
import type { Env } from "../../env.ts";
import { appOrigin } from "../../hosts.ts";
import { ServiceError } from "../error.ts";
import type { InstanceRow } from "./status.ts";

/** What the hosts of an instance are made from. */
export type Hosts = Pick<InstanceRow, "slug" | "hostname">;

/** What tickets, grants and shares of an app's port are for: the host name, else the first label below the apps' domain. */
export function hostLabel({ slug, hostname }: Hosts, port: PortKey = null): string {
  return port === null && hostname !== null ? hostname : appLabel(slug, port);
}

/** The origin of an app's port. A host name is the main port's alone; its port is the dashboard's. */
export function appUrl({ PUBLIC_URL, APPS_DOMAIN }: Env, hosts: Hosts, port: PortKey = null): string {
  return appOrigin(hostLabel(hosts, port), PUBLIC_URL, APPS_DOMAIN);
}

/** The main port first, then those that are declared, then those that were found. `report` is of the launch that is wanted. */
export function showPorts(env: Env, row: InstanceRow, report: ObservedInstance | null): InstancePort[] {
  const observed = report?.ports ?? [];
  const main = observed.find((one) => one.name === MAIN_PORT);
  const port = mainPort(row, report);
  const url = (key: PortKey) => appUrl(env, row, key);
  const declared = row.ports.map(({ name, port, env: variable }) => {
    const seen = observed.find((one) => one.name === name);
    return { name, port: seen?.port ?? port, url: url(name), ...stateOf(seen), declared: { port, env: variable } };
  });
  const found = foundPorts(row, observed).map((one) => {
    return { name: null, port: one.port, url: url(one.port), ...stateOf(one), declared: null };
  });
  return [{ name: MAIN_PORT, port, url: url(null), ...stateOf(main), declared: null }, ...declared, ...found];
}

/** What may stand behind `--` in a host of this instance; null is the main port. */
export function portKeys(row: InstanceRow): Set<PortKey> {
  const found = foundPorts(row, row.observed?.ports ?? []).map((one) => one.port);
  return new Set<PortKey>([null, ...row.ports.map((one) => one.name), ...found]);
}

/** The port that a person means by its name or number. Throws `not_found`. */
export function resolvePort(row: InstanceRow, wanted: string | number | undefined): PortKey {
  if (wanted === undefined || wanted === MAIN_PORT || wanted === mainPort(row, row.observed)) return null;
  const key = keyOfNumber(row, wanted) ?? wanted;
  const keys = portKeys(row);
  if (keys.has(key)) return key;
  const known = [MAIN_PORT, ...[...keys].filter((one) => one !== null)];
  throw new ServiceError("not_found", `port: ${JSON.stringify(row.name)} has no port ${JSON.stringify(wanted)}.`, {
    hint: `It has ${known.join(", ")}. A port that is neither main nor declared is there while its app listens.`,
    details: { port: wanted, ports: known },
  });
}

/** Where the app listens, else where it shall. */
function mainPort(row: InstanceRow, report: ObservedInstance | null): number | null {
  return report?.ports?.find((one) => one.name === MAIN_PORT)?.port ?? row.port ?? row.observedPort;
}

/** A number that has a name is known by that. */
function keyOfNumber(row: InstanceRow, wanted: string | number): string | undefined {
  if (typeof wanted !== "number") return undefined;
  const declared = row.ports.find((one) => one.port === wanted)?.name;
  return (
    declared ?? row.observed?.ports?.find((one) => one.port === wanted && one.name !== MAIN_PORT)?.name ?? undefined
  );
}

/** What was declared a moment ago may still be reported under the name it had. */
function foundPorts(row: InstanceRow, observed: readonly ObservedPort[]): ObservedPort[] {
  const fixed = new Set(row.ports.map((one) => one.port));
  return observed.filter((one) => one.name === null && !fixed.has(one.port));
}

function stateOf(seen: ObservedPort | undefined): { http: boolean; exposed: boolean } {
  return { http: seen?.http ?? false, exposed: seen?.exposed ?? false };
}
