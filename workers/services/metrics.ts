/** The pool in numbers, as Prometheus text. */
import type { InstanceStatus } from "@roundhouse/protocol/instance";
import { InstanceStatus as Statuses } from "@roundhouse/protocol/instance";
import { UNKNOWN_KINDS, type UnknownCounts, type UnknownKind } from "@roundhouse/protocol/unknown";
import { count, eq, isNotNull } from "drizzle-orm";
import { blueprints } from "../db/blueprints.ts";
import { instances } from "../db/instances.ts";
import { nodes } from "../db/nodes.ts";
import type { Context } from "./context.ts";
import { statusOf } from "./instance/status.ts";
import { VERSION } from "./version.ts";

export async function readMetrics(ctx: Context): Promise<string> {
  const [byNode, byStatus, custom, unknown] = await Promise.all([
    countNodes(ctx),
    countInstances(ctx),
    countBlueprints(ctx),
    countUnknown(ctx),
  ]);
  return [
    ...gauge("roundhouse_build_info", "The running version; always 1.", [[`version="${VERSION}"`, 1]]),
    ...gauge("roundhouse_nodes", "Nodes of the pool by status.", [
      [`status="online"`, byNode.online],
      [`status="offline"`, byNode.offline],
    ]),
    ...gauge(
      "roundhouse_instances",
      "Instances by status.",
      Statuses.options.map((status) => [`status="${status}"`, byStatus.get(status) ?? 0]),
    ),
    ...gauge("roundhouse_custom_blueprints", "Blueprints added by people.", [["", custom]]),
    ...metric(
      "counter",
      "roundhouse_unknown_total",
      "What newer agents said that this version does not know, and ignored.",
      UNKNOWN_KINDS.map((kind) => [`kind="${kind}"`, unknown[kind]]),
    ),
    "",
  ].join("\n");
}

function gauge(name: string, help: string, samples: [string, number][]): string[] {
  return metric("gauge", name, help, samples);
}

function metric(type: "gauge" | "counter", name: string, help: string, samples: [string, number][]): string[] {
  const lines = samples.map(([labels, value]) => (labels === "" ? `${name} ${value}` : `${name}{${labels}} ${value}`));
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines];
}

async function countNodes({ db }: Context): Promise<{ online: number; offline: number }> {
  const rows = await db.select({ online: nodes.online, count: count() }).from(nodes).groupBy(nodes.online);
  const of = (online: boolean) => rows.find((row) => row.online === online)?.count ?? 0;
  return { online: of(true), offline: of(false) };
}

async function countInstances({ db }: Context): Promise<Map<InstanceStatus, number>> {
  const { desired, origin, epoch, generation, firstStartedAt } = instances;
  const { observedStatus, observedEpoch, observedGeneration } = instances;
  const asked = { desired, origin, epoch, generation, firstStartedAt };
  const facts = { ...asked, observedStatus, observedEpoch, observedGeneration };
  const rows = await db
    .select({ ...facts, online: nodes.online })
    .from(instances)
    .innerJoin(nodes, eq(nodes.id, instances.nodeId));
  const counts = new Map<InstanceStatus, number>();
  for (const row of rows) {
    const status = statusOf(row, row.online);
    counts.set(status, (counts.get(status) ?? 0) + 1);
  }
  return counts;
}

async function countBlueprints({ db }: Context): Promise<number> {
  const [row] = await db.select({ count: count() }).from(blueprints);
  return row?.count ?? 0;
}

async function countUnknown({ db }: Context): Promise<UnknownCounts> {
  const rows = await db.select({ counts: nodes.unknownCounts }).from(nodes).where(isNotNull(nodes.unknownCounts));
  const of = (kind: UnknownKind) => rows.reduce((sum, { counts }) => sum + (counts?.[kind] ?? 0), 0);
  return { message: of("message"), key: of("key"), frame: of("frame") };
}
