/** Where an app host leads. */
import { and, eq, isNull } from "drizzle-orm";
import type { PortKey } from "@roundhouse/protocol/ports";
import type { Database } from "../../db/database.ts";
import { instances } from "../../db/instances.ts";
import { portKeys } from "./ports.ts";

/** `ports` are those that have a URL now. */
export type AppRoute = { nodeId: string; instanceId: string; name: string; ports: ReadonlySet<PortKey> };

export async function findRoute(db: Database, slug: string): Promise<AppRoute | undefined> {
  const [row] = await db
    .select()
    .from(instances)
    .where(and(eq(instances.slug, slug), isNull(instances.deletedAt)));
  return row && { nodeId: row.nodeId, instanceId: row.id, name: row.name, ports: portKeys(row) };
}
