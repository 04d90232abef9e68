/** Refuses a launch for which its node has no port left. Its agent looks again, with its own eyes. */
import { and, eq, isNull, ne } from "drizzle-orm";
import type { Database } from "../../db/database.ts";
import { instances } from "../../db/instances.ts";
import type { Context } from "../context.ts";
import { ServiceError } from "../error.ts";
import { readNode } from "../node/find.ts";
import type { NodeRow } from "../node/show.ts";
import { type InstanceRow, isDead } from "./status.ts";

/** Throws `port_pool_empty` when as many instances run, or are on their way, as the pool has ports. `ownId` is not counted. */
export async function requirePoolPort(db: Database, node: NodeRow, ownId = ""): Promise<void> {
  const { portFirst, portLast } = node;
  const wanted = await db
    .select()
    .from(instances)
    .where(
      and(
        eq(instances.nodeId, node.id),
        eq(instances.desired, "running"),
        isNull(instances.deletedAt),
        ne(instances.id, ownId),
      ),
    );
  const holders = wanted.filter((row) => !isDead(row) && mayHold(row, node));
  if (holders.length <= portLast - portFirst) return;
  throw poolEmpty(node, holders);
}

/** The same for an instance that is there already. One with a fixed port needs none of the others. */
export async function requirePoolPortOf({ db }: Context, row: InstanceRow): Promise<void> {
  if (row.port === null) await requirePoolPort(db, await readNode(db, row.nodeId), row.id);
}

/** One that has no port yet will take one of the pool. */
function mayHold({ port, observedPort }: InstanceRow, { portFirst, portLast }: NodeRow): boolean {
  const held = port ?? observedPort ?? portFirst;
  return held >= portFirst && held <= portLast;
}

function poolEmpty({ id, name, portFirst, portLast }: NodeRow, holders: InstanceRow[]): ServiceError {
  const size = portLast - portFirst + 1;
  const pool = `${portFirst} to ${portLast}`;
  const message = `The node ${JSON.stringify(name)} has no free port: ${holders.length} running instances use all ${size} from ${pool}.`;
  const wider = `{"portPool": {"first": ${portFirst}, "last": ${portLast + size}}}`;
  return new ServiceError("port_pool_empty", message, {
    hint: `Stop one of them, or give the node more ports: on its page, or PATCH /api/nodes/${id} ${wider}.`,
    details: { first: portFirst, last: portLast, inUse: holders.length, instances: holders.map((row) => row.name) },
  });
}
