/** Words of a newer agent that this build does not know: counted for the metrics, since nobody would notice them (SPEC VS3). */
import type { UnknownCounts, UnknownKind } from "@roundhouse/protocol/unknown";
import { bumpCounter, readCounter } from "./storage.ts";

export class UnknownWords {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  count(kind: UnknownKind, by: number): void {
    bumpCounter(this.#sql, `unknown_${kind}`, by);
  }

  totals(): UnknownCounts {
    const of = (kind: UnknownKind) => readCounter(this.#sql, `unknown_${kind}`);
    return { message: of("message"), key: of("key"), frame: of("frame") };
  }
}
