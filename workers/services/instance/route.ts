/** Where an app host leads. */
import { and, eq, isNull } from "drizzle-orm";
import type { Database } from "../../db/database.ts";
import { instances } from "../../db/instances.ts";

export type AppRoute = { nodeId: string; instanceId: string; name: string };

export async function findRoute(db: Database, slug: string): Promise<AppRoute | undefined> {
  const [row] = await db
    .select({ nodeId: instances.nodeId, instanceId: instances.id, name: instances.name })
    .from(instances)
    .where(and(eq(instances.slug, slug), isNull(instances.deletedAt)));
  return row;
}
