/** Which port an instance gets. */
import { readFile } from "node:fs/promises";
import { LaunchError } from "../blueprints/runtime.ts";
import { isGone } from "../host/absent.ts";
import { isPortFree, listeningPortsOf, pickPort, type PortPool } from "../host/ports.ts";
import { listProcesses } from "../host/processes.ts";

export type PortWish = {
  /** The port a person named, or null. */
  wanted: number | null;
  /** What it had before. */
  sticky: number | null;
  pool: PortPool;
  /** Ports of the other instances, by port; `runs` when somebody uses it right now. */
  others: { port: number; name: string; runs: boolean }[];
};

/** A port that is free at this moment. Throws `LaunchError` when there is none, or not the wanted one. */
export async function choosePort(wish: PortWish): Promise<number> {
  const { wanted, sticky, pool, others } = wish;
  if (wanted !== null) return checkWanted(wanted, others);
  // Better a port of its own; where the pool is too small for that, one that is not in use now.
  for (const taken of [others, others.filter((other) => other.runs)]) {
    const port = await pickPort({ pool, taken: taken.map((other) => other.port), preferred: sticky });
    if (port !== undefined) return port;
  }
  throw new LaunchError(
    "no_free_port",
    `no port from ${pool.first} to ${pool.last} is free`,
    "stop another instance, or give this one a port of its own",
  );
}

async function checkWanted(port: number, others: PortWish["others"]): Promise<number> {
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
