/** The scheduler's own SQLite tables. Made in the constructor. */

const TABLES = [
  // When each cron trigger is due next; null: never again.
  `CREATE TABLE IF NOT EXISTS triggers (job_id TEXT NOT NULL, schedule TEXT NOT NULL, timezone TEXT NOT NULL, next_at INTEGER,
    PRIMARY KEY (job_id, schedule, timezone))`,
  // Due times that fire, until their runs are started: written together with the trigger's next due time.
  `CREATE TABLE IF NOT EXISTS firings (job_id TEXT NOT NULL, schedule TEXT NOT NULL, timezone TEXT NOT NULL,
    due_at INTEGER NOT NULL, PRIMARY KEY (job_id, schedule, timezone, due_at))`,
  // Runs at work and runs that wait for a place, in the order they came.
  `CREATE TABLE IF NOT EXISTS places (arrival INTEGER PRIMARY KEY AUTOINCREMENT, run_id TEXT NOT NULL UNIQUE, job_id TEXT NOT NULL,
    concurrency INTEGER NOT NULL, when_busy TEXT NOT NULL, working INTEGER NOT NULL DEFAULT 0,
    looks INTEGER NOT NULL DEFAULT 0, look_at INTEGER)`,
  `CREATE INDEX IF NOT EXISTS places_job ON places (job_id, working, arrival)`,
];

export function createTables(sql: SqlStorage): void {
  for (const table of TABLES) sql.exec(table);
}
