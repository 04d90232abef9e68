/** Everything the control plane wants of one node, tombstones included. */
import { eq } from "drizzle-orm";
import type { DesiredInstance } from "@roundhouse/protocol/instance";
import type { DesiredMcpServer } from "@roundhouse/protocol/mcp";
import type { DesiredProvider } from "@roundhouse/protocol/provider";
import type { Database } from "../../db/database.ts";
import { instances } from "../../db/instances.ts";
import { nodes } from "../../db/nodes.ts";
import type { Policy } from "@roundhouse/protocol/policy";
import { providers } from "../../db/providers.ts";
import { DEFAULT_PORT_POOL } from "@roundhouse/protocol/limits";
import { desiredMcpServers, toDesiredMcpServers } from "../mcp-server/desired.ts";
import type { InstanceRow } from "./status.ts";

export type Wanted = {
  portPool: { first: number; last: number };
  instances: DesiredInstance[];
  policy: Policy | null;
  /** Those that are reached through the node (SPEC PV1). */
  providers: DesiredProvider[];
  mcpServers: DesiredMcpServer[];
};

/** All reads happen in one transaction, so that the list belongs to one moment. */
export async function readDesired(db: Database, nodeId: string): Promise<Wanted> {
  const own = db
    .select({ first: nodes.portFirst, last: nodes.portLast, policy: nodes.policy })
    .from(nodes)
    .where(eq(nodes.id, nodeId));
  const wanted = db
    .select()
    .from(instances)
    .where(eq(instances.nodeId, nodeId))
    .orderBy(instances.createdAt, instances.id);
  const through = db
    .select({ id: providers.id, baseUrl: providers.baseUrl })
    .from(providers)
    .where(eq(providers.viaNode, nodeId));
  const mcp = desiredMcpServers(db, nodeId);
  const [[node], rows, providersThrough, servers, pins] = await db.batch([own, wanted, through, mcp.servers, mcp.pins]);
  return {
    portPool: node ? { first: node.first, last: node.last } : { ...DEFAULT_PORT_POOL },
    instances: rows.map(toDesired),
    policy: node?.policy ?? null,
    providers: providersThrough,
    mcpServers: toDesiredMcpServers(servers, pins),
  };
}

function toDesired(row: InstanceRow): DesiredInstance {
  const { id, name, slug, folder, generation, desired, epoch, gpuIds, autostart, port, outputPath, restartPolicy } =
    row;
  const { ports, env, pythonVersion, cudaVersion, torchVersion } = row;
  return {
    ...{ id, name, slug, folder, generation, desired, epoch, gpuIds, autostart, port, outputPath, restartPolicy },
    ...{ ports, env, pythonVersion, cudaVersion, torchVersion },
    deleteMode: row.deleteMode ?? "permanent",
    blueprint: { name: row.blueprintName, kind: row.blueprintKind, digest: row.blueprintDigest },
    parent: row.parentId,
    origin: row.origin,
    rebuilds: row.rebuilds,
    resets: row.resets,
  };
}
