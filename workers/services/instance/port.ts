/** Which ports an instance may ask for. */
import { and, eq, isNull, ne, or } from "drizzle-orm";
import type { Database } from "../../db/database.ts";
import { instances } from "../../db/instances.ts";
import { ServiceError } from "../error.ts";
import type { NodeRow } from "../node/show.ts";

/** Throws `port_out_of_range` or `port_taken`. `ownId` is the instance that asks, unless it is new. */
export async function checkPort(db: Database, node: NodeRow, port: number | null, ownId?: string): Promise<void> {
  if (port === null) return;
  if (port < node.portFirst || port > node.portLast) throw outOfRange(node, port);
  const holder = await findHolder(db, node.id, port, ownId);
  if (holder !== undefined) throw portTaken(port, holder);
}

/** The name of the instance that asked for the port or has it. */
export async function findHolder(
  db: Database,
  nodeId: string,
  port: number,
  ownId?: string,
): Promise<string | undefined> {
  const isHolding = or(eq(instances.port, port), eq(instances.observedPort, port));
  const isOther = ownId === undefined ? undefined : ne(instances.id, ownId);
  const [holder] = await db
    .select({ name: instances.name })
    .from(instances)
    .where(and(eq(instances.nodeId, nodeId), isNull(instances.deletedAt), isHolding, isOther))
    .limit(1);
  return holder?.name;
}

export function portTaken(port: number, holder: string | undefined, cause?: unknown): ServiceError {
  const by = holder === undefined ? "another instance" : JSON.stringify(holder);
  return new ServiceError("port_taken", `port: ${port} is taken by ${by} on this node.`, {
    hint: "Choose another port, or leave it out: the node then picks a free one.",
    details: { port, instance: holder },
    cause,
  });
}

function outOfRange({ portFirst, portLast, name }: NodeRow, port: number): ServiceError {
  return new ServiceError(
    "port_out_of_range",
    `port: ${port} lies outside the ports of the node ${JSON.stringify(name)}.`,
    {
      hint: `Choose a port from ${portFirst} to ${portLast}, or leave it out: the node then picks a free one.`,
      details: { port, first: portFirst, last: portLast },
    },
  );
}
