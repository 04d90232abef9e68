/** What a node's hub writes about its link. Only NodeHub calls these. */
import { eq } from "drizzle-orm";
import type { Node } from "@roundhouse/protocol/api/node";
import type { Facts } from "@roundhouse/protocol/facts";
import type { UnknownInstance } from "@roundhouse/protocol/instance";
import type { UnknownCounts } from "@roundhouse/protocol/unknown";
import type { Database } from "../../db/database.ts";
import { nodes } from "../../db/nodes.ts";
import { appUrlsOf } from "./show.ts";

/** `notice` undefined leaves it as it is, null clears it. */
export type LinkStateChange = { online: boolean; at: Date; notice?: string | null };

export async function setLinkState(
  db: Database,
  nodeId: string,
  { online, at, notice }: LinkStateChange,
): Promise<void> {
  await db.update(nodes).set({ online, lastSeenAt: at, notice }).where(eq(nodes.id, nodeId));
}

/** Answers what these facts mean for the node's app URLs. */
export async function setFacts(
  db: Database,
  nodeId: string,
  { facts, agentVersion }: { facts: Facts; agentVersion?: string },
): Promise<Pick<Node, "appUrls">> {
  const written = db.update(nodes).set({ facts, agentVersion }).where(eq(nodes.id, nodeId));
  const [row] = await written.returning({ appsConfirmation: nodes.appsConfirmation });
  return { appUrls: appUrlsOf({ facts, appsConfirmation: row?.appsConfirmation ?? null }) };
}

export async function setUnknown(db: Database, nodeId: string, unknownInstances: UnknownInstance[]): Promise<void> {
  await db.update(nodes).set({ unknownInstances }).where(eq(nodes.id, nodeId));
}

export async function setUnknownCounts(db: Database, nodeId: string, unknownCounts: UnknownCounts): Promise<void> {
  await db.update(nodes).set({ unknownCounts }).where(eq(nodes.id, nodeId));
}

export async function findNodeName(db: Database, nodeId: string): Promise<string | undefined> {
  const [row] = await db.select({ name: nodes.name }).from(nodes).where(eq(nodes.id, nodeId));
  return row?.name;
}
