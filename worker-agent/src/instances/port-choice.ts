/** Which port an instance gets. */
import { readFile } from "node:fs/promises";
import { LaunchError } from "../blueprints/runtime.ts";
import { isGone } from "../host/absent.ts";
import { isPortFree, listeningPortsOf, pickPort, type PortPool } from "../host/ports.ts";
import { listProcesses } from "../host/processes.ts";

/** A port of another instance; `runs` when it uses it right now, `leaves` when it is also being stopped. */
export type OtherPort = { port: number; name: string; runs: boolean; leaves: boolean };

export type PortWish = {
  /** The port a person named, or null. */
  wanted: number | null;
  /** What it had before. */
  sticky: number | null;
  pool: PortPool;
  /** Ports that its own declaration names. */
  own: readonly number[];
  others: readonly OtherPort[];
};

/** A port that is free at this moment. Throws `LaunchError` when there is none, or not the wanted one. */
export async function choosePort(wish: PortWish): Promise<number> {
  const { wanted, sticky, pool, own, others } = wish;
  if (wanted !== null) return checkWanted(wanted, others);
  // Better a port of its own; where the pool is too small for that, one that is not in use now.
  for (const taken of [others, others.filter((other) => other.runs)]) {
    const port = await pickPort({ pool, taken: [...own, ...taken.map((other) => other.port)], preferred: sticky });
    if (port !== undefined) return port;
  }
  throw poolEmpty(pool, others);
}

function poolEmpty({ first, last }: PortPool, others: readonly OtherPort[]): LaunchError {
  const running = others.filter(({ port, runs }) => runs && port >= first && port <= last).length;
  const size = last - first + 1;
  const rest = running < size ? "; other programs of this machine use the rest" : "";
  return new LaunchError(
    "no_free_port",
    `no port from ${first} to ${last} is free: running instances use ${running} of ${size}${rest}`,
    "stop an instance, or give the node more ports",
  );
}

/** The port itself. Throws `LaunchError` with who uses it. */
export async function checkWanted(port: number, others: readonly OtherPort[]): Promise<number> {
  const sibling = others.find((other) => other.port === port && other.runs);
  if (!sibling && (await isPortFree(port))) return port;
  const owner = sibling ? `the instance ${sibling.name}` : await ownerOf(port);
  throw new LaunchError(
    "port_in_use",
    `port ${port} is in use${owner ? ` by ${owner}` : ""}`,
    "stop what uses it, or give this instance another port",
  );
}

/** `name (pid n)` of the process that listens on a port, where this user may know. */
async function ownerOf(port: number): Promise<string | undefined> {
  for (const { pid } of await listProcesses()) {
    const ports = await listeningPortsOf([pid]);
    if (!ports.some((one) => one.port === port)) continue;
    const name = (await readFile(`/proc/${pid}/comm`, "utf8").catch(isGone))?.trim();
    return `${name || "a process"} (pid ${pid})`;
  }
  return undefined;
}
