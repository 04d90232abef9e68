/** What a node reported, written for its hub alone and guarded by the hub's sequence number. */
import { and, eq, inArray, isNull, lt, or, sql } from "drizzle-orm";
import type { ObservedInstance } from "@roundhouse/protocol/instance";
import type { Database } from "../../db/database.ts";
import { instances } from "../../db/instances.ts";
import { dropUnusedSources } from "../blueprint/source.ts";

/** D1 takes 100 parameters a statement, and a batch is one transaction: small ones keep others from waiting. */
const BATCH_SIZE = 50;

/**
 * Writes reports that are newer than what is stored and answers the ids that changed. A lapsed app (its keeper is gone)
 * that was still wanted in the generation the report answers settles on desired `stopped`, with a new generation.
 */
export async function writeObserved(
  db: Database,
  nodeId: string,
  seq: number,
  reports: ObservedInstance[],
): Promise<string[]> {
  const latest = [...new Map(reports.map((report) => [report.id, report])).values()];
  const changed: string[] = [];
  for (const some of chunks(latest)) {
    const [first, ...rest] = some.map((report) => writeReport(db, nodeId, seq, report));
    if (!first) continue;
    const answers = await db.batch([first, ...rest]);
    changed.push(...answers.flat().map((row) => row.id));
  }
  return changed;
}

function writeReport(db: Database, nodeId: string, seq: number, report: ObservedInstance) {
  const settles = sql`(${report.lapsed ? 1 : 0} = 1 AND ${instances.desired} = 'running'
    AND ${instances.generation} = ${report.generation})`;
  const isNewer = or(isNull(instances.observedSeq), lt(instances.observedSeq, seq));
  return db
    .update(instances)
    .set({
      observed: report,
      observedStatus: report.status,
      observedPort: report.port,
      observedEpoch: report.epoch,
      observedGeneration: report.generation,
      observedSeq: seq,
      observedAt: new Date(),
      firstStartedAt: report.status === "started" ? firstStart(report) : undefined,
      changedAt: sql`CASE WHEN ${settles} THEN ${Date.now()} ELSE ${instances.changedAt} END`,
      desired: sql`CASE WHEN ${settles} THEN 'stopped' ELSE ${instances.desired} END`,
      generation: sql`CASE WHEN ${settles} THEN ${instances.generation} + 1 ELSE ${instances.generation} END`,
    })
    .where(and(eq(instances.id, report.id), eq(instances.nodeId, nodeId), isNewer))
    .returning({ id: instances.id });
}

/** Only of the launch that is wanted: a late report of one before a reset says nothing of the installation after it. */
function firstStart({ epoch, startedAt, since }: ObservedInstance) {
  const at = Date.parse(startedAt ?? since);
  return sql`CASE WHEN ${instances.epoch} = ${epoch} THEN coalesce(${instances.firstStartedAt}, ${at})
    ELSE ${instances.firstStartedAt} END`;
}

/** The node removed these: their tombstones go. Anything that is no tombstone stays. Answers the ids that went. */
export async function confirmDeleted(db: Database, nodeId: string, ids: string[]): Promise<string[]> {
  const removed: string[] = [];
  for (const some of chunks(ids)) {
    const isTombstone = and(
      eq(instances.nodeId, nodeId),
      eq(instances.desired, "deleted"),
      inArray(instances.id, some),
    );
    const rows = await db.delete(instances).where(isTombstone).returning({ id: instances.id });
    removed.push(...rows.map((row) => row.id));
  }
  if (removed.length > 0) await dropUnusedSources(db);
  return removed;
}

function chunks<T>(items: T[]): T[][] {
  const count = Math.ceil(items.length / BATCH_SIZE);
  return Array.from({ length: count }, (_, index) => items.slice(index * BATCH_SIZE, (index + 1) * BATCH_SIZE));
}
