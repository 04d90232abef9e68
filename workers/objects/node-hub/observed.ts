/** The last report of each instance, and which of them D1 has not seen yet. */
import type { ObservedInstance } from "@roundhouse/protocol/instance";

export type Dirty = { reports: ObservedInstance[]; versions: Map<string, number>; gone: string[] };

export class Observed {
  readonly #sql: SqlStorage;
  readonly #latest = new Map<string, ObservedInstance>();

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  get(instanceId: string): ObservedInstance | undefined {
    const known = this.#latest.get(instanceId);
    if (known) return known;
    const [row] = this.#sql.exec<{ report: string }>(`SELECT report FROM observed WHERE id = ?`, instanceId).toArray();
    if (!row) return undefined;
    // Written below from a parsed message, so the shape is known; what an earlier build wrote tells no ports.
    const stored = JSON.parse(row.report) as Omit<ObservedInstance, "ports"> & Partial<ObservedInstance>;
    const report: ObservedInstance = { ...stored, ports: stored.ports ?? [] };
    this.#latest.set(instanceId, report);
    return report;
  }

  /** Takes reports of the agent; they are dirty until {@link markClean}. */
  put(reports: ObservedInstance[]): void {
    for (const report of reports) {
      this.#latest.set(report.id, report);
      this.#sql.exec(
        `INSERT INTO observed (id, report, version, dirty) VALUES (?1, ?2, 1, 1)
         ON CONFLICT (id) DO UPDATE SET report = ?2, version = version + 1, dirty = 1`,
        report.id,
        JSON.stringify(report),
      );
    }
  }

  /** Takes everything the agent has (SPEC HS6): what it does not name is no longer known. */
  restate(reports: ObservedInstance[]): void {
    const named = new Set(reports.map((report) => report.id));
    const rows = this.#sql.exec<{ id: string }>(`SELECT id FROM observed`).toArray();
    for (const { id } of rows) if (!named.has(id)) this.forget(id);
    this.put(reports);
  }

  /** The agent confirmed that these are removed from the node. */
  putGone(ids: string[]): void {
    for (const id of ids) {
      this.forget(id);
      this.#sql.exec(`INSERT OR IGNORE INTO gone (id) VALUES (?)`, id);
    }
  }

  dirty(): Dirty {
    const rows = this.#sql.exec<{ id: string; report: string; version: number }>(
      `SELECT id, report, version FROM observed WHERE dirty = 1`,
    );
    const found: Dirty = { reports: [], versions: new Map(), gone: [] };
    for (const row of rows) {
      found.reports.push(JSON.parse(row.report) as ObservedInstance);
      found.versions.set(row.id, row.version);
    }
    const gone = this.#sql.exec<{ id: string }>(`SELECT id FROM gone`);
    found.gone = gone.toArray().map((row) => row.id);
    return found;
  }

  /** Marks as written what has not changed since {@link dirty} read it. */
  markClean(written: Dirty): void {
    for (const [id, version] of written.versions) {
      this.#sql.exec(`UPDATE observed SET dirty = 0 WHERE id = ? AND version = ?`, id, version);
    }
    for (const id of written.gone) this.#sql.exec(`DELETE FROM gone WHERE id = ?`, id);
  }

  forget(id: string): void {
    this.#latest.delete(id);
    this.#sql.exec(`DELETE FROM observed WHERE id = ?`, id);
  }
}
