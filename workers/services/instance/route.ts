/** Where an app host leads. */
import { and, eq, isNull, type SQL } from "drizzle-orm";
import { isHostname } from "@roundhouse/protocol/hostname";
import type { PortKey } from "@roundhouse/protocol/ports";
import type { Database } from "../../db/database.ts";
import { instances } from "../../db/instances.ts";
import { portKeys } from "./ports.ts";

/** `ports` are those that have a URL now. */
export type AppRoute = { nodeId: string; instanceId: string; name: string; ports: ReadonlySet<PortKey> };

/** By its slug, or by the host name of its own. */
export async function findRoute(db: Database, address: string): Promise<AppRoute | undefined> {
  const [row] = await db
    .select()
    .from(instances)
    .where(and(isAt(address), isNull(instances.deletedAt)));
  return row && { nodeId: row.nodeId, instanceId: row.id, name: row.name, ports: portKeys(row) };
}

/** The instance whose slug or host name this is. */
export function isAt(address: string): SQL {
  return eq(isHostname(address) ? instances.hostname : instances.slug, address);
}

/** The slug and host name of each instance of a node that is not being deleted, by instance id. */
export async function readAddresses(db: Database, nodeId: string): Promise<Map<string, string[]>> {
  const rows = await db
    .select({ id: instances.id, slug: instances.slug, hostname: instances.hostname })
    .from(instances)
    .where(and(eq(instances.nodeId, nodeId), isNull(instances.deletedAt)));
  return new Map(rows.map(({ id, slug, hostname }) => [id, hostname === null ? [slug] : [slug, hostname]]));
}
