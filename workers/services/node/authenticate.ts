/** Which node a key belongs to. */
import { eq } from "drizzle-orm";
import { hashSecret } from "@roundhouse/protocol/ids";
import type { Database } from "../../db/database.ts";
import { nodes } from "../../db/nodes.ts";

export async function authenticateNode(
  db: Database,
  key: string,
): Promise<{ nodeId: string; name: string } | undefined> {
  const keyHash = await hashSecret(key);
  const [row] = await db.select({ nodeId: nodes.id, name: nodes.name }).from(nodes).where(eq(nodes.keyHash, keyHash));
  return row;
}
