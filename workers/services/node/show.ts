/** How a node is shown. */
import type { Node } from "@roundhouse/protocol/api/node";
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
    appUrls: appUrlsOf(row),
    notice,
    lastSeenAt: row.lastSeenAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
  };
}

/** A confirmation is about one platform's rules: a node that moved to another one needs a new one. */
export function appUrlsOf({ facts, appsConfirmation }: Pick<NodeRow, "facts" | "appsConfirmation">): Node["appUrls"] {
  const apps = facts?.hosting?.apps;
  if (!facts || apps?.policy !== "confirm") return { allowed: true, rule: null, confirmedAt: null, confirmedBy: null };
  const confirmed = appsConfirmation?.platform === facts.platform ? appsConfirmation : null;
  return {
    allowed: confirmed !== null,
    rule: apps.rule,
    confirmedAt: confirmed?.at ?? null,
    confirmedBy: confirmed?.by ?? null,
  };
}

function capabilitiesOf({ facts }: NodeRow): Node["capabilities"] {
  const gpuVendors = [...new Set(facts?.gpus.map((gpu) => gpu.vendor))];
  return { docker: facts?.docker.available ?? false, gpuVendors, isolation: facts?.isolation.mode ?? "same-user" };
}
