/** A node's pool of ports: which are free, and what a change of it must not leave outside. */
import { and, eq, isNotNull, isNull } from "drizzle-orm";
import type { NodePorts, PortPool } from "@roundhouse/protocol/api/node";
import { instances } from "../../db/instances.ts";
import type { Context } from "../context.ts";
import { ServiceError } from "../error.ts";
import { readNode } from "./find.ts";
import type { NodeRow } from "./show.ts";

/** A port is taken when a person fixed it, or when an instance keeps it from its last launch. */
export async function listNodePorts({ db }: Context, id: string): Promise<NodePorts> {
  const { portFirst: first, portLast: last } = await readNode(db, id);
  const rows = await db
    .select({ id: instances.id, name: instances.name, port: instances.port, observedPort: instances.observedPort })
    .from(instances)
    .where(and(eq(instances.nodeId, id), isNull(instances.deletedAt)));
  const taken = rows.flatMap((row) => {
    const port = row.port ?? row.observedPort;
    return port === null || port < first || port > last ? [] : [{ port, instance: row.id, name: row.name }];
  });
  const held = new Set(taken.map((one) => one.port));
  const pool = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  return {
    ...{ first, last },
    free: pool.filter((port) => !held.has(port)),
    taken: taken.toSorted((a, b) => a.port - b.port),
  };
}

/** Throws `port_out_of_range` while a fixed port would lie outside the new pool, naming every instance that has one. */
export async function refuseStrandedPorts({ db }: Context, { id }: NodeRow, pool: PortPool): Promise<void> {
  const isFixed = and(eq(instances.nodeId, id), isNotNull(instances.port), isNull(instances.deletedAt));
  const rows = await db
    .select({ id: instances.id, name: instances.name, port: instances.port })
    .from(instances)
    .where(isFixed)
    .orderBy(instances.port);
  const stranded = rows.filter(({ port }) => port !== null && (port < pool.first || port > pool.last));
  if (stranded.length === 0) return;
  const names = stranded.map(({ name, port }) => `${JSON.stringify(name)} (${port})`).join(", ");
  throw new ServiceError(
    "port_out_of_range",
    `portPool: ${pool.first} to ${pool.last} leaves out ports that are fixed: ${names}.`,
    {
      hint: "Give these instances another port or none first, or choose a pool that holds theirs.",
      details: { ...pool, instances: stranded },
    },
  );
}
