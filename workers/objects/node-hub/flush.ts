/** Writes what nodes reported to D1: once a change, guarded by a sequence number (SPEC RC5). */
import { openDatabase } from "../../db/database.ts";
import type { Env } from "../../env.ts";
import { confirmDeleted, writeObserved } from "../../services/instance/observed.ts";
import type { Observed } from "./observed.ts";
import { bumpCounter } from "./storage.ts";

export type Flushed = {
  /** Instances whose row changed or went away. */
  changed: string[];
  /** Whether a wish may have been settled in D1, so that desired must be read again. */
  reread: boolean;
};

export async function flushObserved(env: Env, sql: SqlStorage, nodeId: string, observed: Observed): Promise<Flushed> {
  const dirty = observed.dirty();
  if (dirty.reports.length === 0 && dirty.gone.length === 0) return { changed: [], reread: false };
  const db = openDatabase(env.DB);
  const seq = bumpCounter(sql, "observed_seq");
  const changed = await writeObserved(db, nodeId, seq, dirty.reports);
  const removed = dirty.gone.length > 0 ? await confirmDeleted(db, nodeId, dirty.gone) : [];
  observed.markClean(dirty);
  const lapsed = dirty.reports.some((report) => report.lapsed);
  return { changed: [...changed, ...removed], reread: lapsed || dirty.gone.length > 0 };
}
