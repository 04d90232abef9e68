/** The hub's own SQLite tables. Made in the constructor: calls by RPC do not pass through `onStart`. */

const TABLES = [
  `CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS schedule (name TEXT PRIMARY KEY, at INTEGER NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS observed (id TEXT PRIMARY KEY, report TEXT NOT NULL, version INTEGER NOT NULL, dirty INTEGER NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS gone (id TEXT PRIMARY KEY)`,
  `CREATE TABLE IF NOT EXISTS tickets (hash TEXT PRIMARY KEY, instance_id TEXT NOT NULL, slug TEXT NOT NULL, path TEXT NOT NULL,
    user_id TEXT, session_id TEXT, key_id TEXT, expires_at INTEGER NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS grants (hash TEXT PRIMARY KEY, id TEXT NOT NULL, instance_id TEXT NOT NULL, slug TEXT NOT NULL,
    user_id TEXT, session_id TEXT, key_id TEXT, expires_at INTEGER NOT NULL)`,
  `CREATE INDEX IF NOT EXISTS grants_instance ON grants (instance_id)`,
];

/** Came later: a hub that was made before gets them when it wakes. */
const ADDED_COLUMNS = [
  { table: "tickets", column: "holder_expires_at", type: "INTEGER" },
  { table: "grants", column: "share_id", type: "TEXT" },
  { table: "grants", column: "framed", type: "INTEGER NOT NULL DEFAULT 0" },
];

export function createTables(sql: SqlStorage): void {
  for (const table of TABLES) sql.exec(table);
  for (const { table, column, type } of ADDED_COLUMNS) {
    const isThere = sql.exec(`SELECT 1 FROM pragma_table_info(?) WHERE name = ?`, table, column).toArray().length > 0;
    if (!isThere) sql.exec(`ALTER TABLE ${table} ADD COLUMN ${column} ${type}`);
  }
}

/** Adds to a named counter and answers its new value; survives eviction. */
export function bumpCounter(sql: SqlStorage, name: string, by = 1): number {
  const row = sql
    .exec<{ value: number }>(
      `INSERT INTO counters (name, value) VALUES (?1, ?2)
       ON CONFLICT (name) DO UPDATE SET value = value + ?2 RETURNING value`,
      name,
      by,
    )
    .one();
  return row.value;
}

export function readCounter(sql: SqlStorage, name: string): number {
  const [row] = sql.exec<{ value: number }>(`SELECT value FROM counters WHERE name = ?`, name).toArray();
  return row?.value ?? 0;
}
