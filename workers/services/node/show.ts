/** How a node is shown. */
import type { Node } from "@roundhouse/protocol/api";
import type { nodes } from "../../db/nodes.ts";

export type NodeRow = typeof nodes.$inferSelect;

export function toNode(row: NodeRow): Node {
  const { id, name, labels, policy, notice, facts, agentVersion, unknownInstances } = row;
  return {
    id,
    name,
    status: row.online ? "online" : "offline",
    platform: facts?.platform ?? "unknown",
    gpus: facts?.gpus ?? [],
    capabilities: capabilitiesOf(row),
    policy,
    labels,
    facts,
    agentVersion,
    portPool: { first: row.portFirst, last: row.portLast },
    unknownInstances,
    notice,
    lastSeenAt: row.lastSeenAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
  };
}

function capabilitiesOf({ facts }: NodeRow): Node["capabilities"] {
  const gpuVendors = [...new Set(facts?.gpus.map((gpu) => gpu.vendor))];
  return { docker: facts?.docker.available ?? false, gpuVendors, isolation: facts?.isolation.mode ?? "same-user" };
}
