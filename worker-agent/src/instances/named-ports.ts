/** The ports that an instance declares beside its main one: their numbers at a launch, and the variables that tell them. */
import type { DeclaredPort } from "@roundhouse/protocol/ports";
import { LaunchError } from "../blueprints/runtime.ts";
import { isInPool, isPortFree, pickEphemeralPort, type PortPool } from "../host/ports.ts";
import type { NamedPort } from "./found-ports.ts";
import { checkWanted, type OtherPort } from "./port-choice.ts";

export type NamedPortsWish = {
  declared: readonly DeclaredPort[];
  /** What they were before. */
  sticky: readonly NamedPort[];
  main: number;
  pool: PortPool;
  others: readonly OtherPort[];
};

/** Every declared port with a number that is free now. Throws `LaunchError` when a fixed one is in use, or none is left. */
export async function chooseNamedPorts(wish: NamedPortsWish): Promise<NamedPort[]> {
  const { declared, main, others } = wish;
  const fixed = declared.flatMap(({ port }) => (port === null ? [] : [port]));
  const taken = new Set([main, ...fixed, ...others.map((other) => other.port)]);
  const chosen: NamedPort[] = [];
  for (const { name, port: wanted } of declared) {
    const port = wanted === null ? await allot(name, wish, taken) : await checkWanted(wanted, others);
    taken.add(port);
    chosen.push({ name, port });
  }
  return chosen;
}

/** `{ API_PORT: "40123" }` for those that have a variable. */
export function portVariables(declared: readonly DeclaredPort[], chosen: readonly NamedPort[]): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const { name, env } of declared) {
    const port = chosen.find((one) => one.name === name)?.port;
    if (env !== null && port !== undefined) variables[env] = String(port);
  }
  return variables;
}

/** The pool is for main ports, which people see; a helper's number is the kernel's to choose, and kept while it is free. */
async function allot(name: string, { sticky, pool }: NamedPortsWish, taken: ReadonlySet<number>): Promise<number> {
  const before = sticky.find((one) => one.name === name)?.port;
  if (before !== undefined && !isInPool(pool, before) && !taken.has(before) && (await isPortFree(before)))
    return before;
  const port = await pickEphemeralPort(pool, taken);
  if (port !== undefined) return port;
  throw new LaunchError(
    "no_free_port",
    `${name}: this machine has no free port outside its pool from ${pool.first} to ${pool.last}`,
    "give this port a number, or end what holds so many connections",
  );
}
