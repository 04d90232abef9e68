/**
 * The journal of one run in its object's SQLite. What is put here is on disk before anything that follows goes out: the
 * runtime holds back every message of the object until its writes are safe. One redactor stands at the door.
 */
import type { Choice, Clock, Duty, End, Ground, Row, RunFacts, Spent } from "./rows.ts";

type Facts = {
  run: RunFacts;
  ground: Ground;
  spent: Spent;
  clock: Clock;
  choice: Choice;
  end: End;
  doing: string;
};

const TABLES = [
  `CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS steps (seq INTEGER PRIMARY KEY, row TEXT NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS duties (name TEXT PRIMARY KEY, at INTEGER NOT NULL, attempts INTEGER NOT NULL)`,
];

export class Journal {
  readonly #sql: SqlStorage;
  readonly #facts: Partial<Facts>;
  readonly #rows: Row[];
  readonly #stamps = new Map<string, number>();
  #redact: ((text: string) => string) | undefined;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    for (const table of TABLES) sql.exec(table);
    const facts = sql.exec<{ name: string; value: string }>(`SELECT name, value FROM facts`).toArray();
    this.#facts = Object.fromEntries(facts.map(({ name, value }) => [name, JSON.parse(value)]));
    const rows = sql.exec<{ row: string }>(`SELECT row FROM steps ORDER BY seq`).toArray();
    this.#rows = rows.map(({ row }) => JSON.parse(row) as Row);
  }

  /** Nothing is written before this was called. */
  guard(redact: (text: string) => string): void {
    this.#redact = redact;
  }

  get isGuarded(): boolean {
    return this.#redact !== undefined;
  }

  get<Name extends keyof Facts>(name: Name): Facts[Name] | undefined {
    return this.#facts[name];
  }

  /** For what is there from a run's beginning on. */
  need<Name extends keyof Facts>(name: Name): Facts[Name] {
    const value = this.#facts[name];
    if (value === undefined) throw new Error(`the journal has no ${name}`);
    return value;
  }

  set<Name extends keyof Facts>(name: Name, value: Facts[Name]): void {
    const kept = this.shown(value);
    this.#facts[name] = kept;
    this.#sql.exec(`INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)`, name, JSON.stringify(kept));
  }

  get rows(): readonly Row[] {
    return this.#rows;
  }

  get isOver(): boolean {
    return this.#facts.end !== undefined;
  }

  nextSeq(): number {
    return (this.#rows.at(-1)?.seq ?? 0) + 1;
  }

  /** Adds a step, or writes one anew. */
  put<R extends Row>(row: R): R {
    const kept = this.shown(row);
    const at = this.#rows.findIndex(({ seq }) => seq === kept.seq);
    if (at === -1) this.#rows.push(kept);
    else this.#rows[at] = kept;
    this.#sql.exec(`INSERT OR REPLACE INTO steps (seq, row) VALUES (?, ?)`, kept.seq, JSON.stringify(kept));
    return kept;
  }

  duties(): Duty[] {
    return this.#sql.exec<Duty>(`SELECT name, at, attempts FROM duties ORDER BY at, name`).toArray();
  }

  /** A duty that is there already is due at the earlier of both times. */
  addDuty(name: string, at: number): void {
    this.#stamps.set(name, this.stampOf(name) + 1);
    this.#sql.exec(
      `INSERT INTO duties (name, at, attempts) VALUES (?1, ?2, 0) ON CONFLICT (name) DO UPDATE SET at = min(at, ?2)`,
      name,
      at,
    );
  }

  postponeDuty(name: string, at: number): void {
    this.#sql.exec(`UPDATE duties SET at = ?2, attempts = attempts + 1 WHERE name = ?1`, name, at);
  }

  /** Grows with each {@link addDuty}. */
  stampOf(name: string): number {
    return this.#stamps.get(name) ?? 0;
  }

  /** It was done as it stood at `stamp`; one that was added again meanwhile stays. */
  dropDuty(name: string, stamp: number): void {
    if (this.stampOf(name) === stamp) this.#sql.exec(`DELETE FROM duties WHERE name = ?`, name);
  }

  /** The value with every secret taken out of its texts. */
  shown<T>(value: T): T {
    if (!this.#redact) throw new Error("the journal has no redactor yet");
    return redactedDeep(value, this.#redact) as T;
  }
}

function redactedDeep(value: unknown, redact: (text: string) => string): unknown {
  if (typeof value === "string") return redact(value);
  if (Array.isArray(value)) return value.map((inner) => redactedDeep(inner, redact));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [redact(key), redactedDeep(inner, redact)]));
}
