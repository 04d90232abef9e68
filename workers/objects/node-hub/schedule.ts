/** Many named due times on the object's one alarm. */

export type ScheduleStore = {
  sql: SqlStorage;
  setAlarm(at: number): Promise<void>;
  deleteAlarm(): Promise<void>;
};

/** What the hub does later. */
export type TaskName = "flush" | "watch" | "hello" | "sweep" | "counts";

export class Schedule {
  readonly #store: ScheduleStore;

  constructor(store: ScheduleStore) {
    this.#store = store;
  }

  /** Makes a task due at `at` (Unix ms), or sooner if it already is. */
  async setNoLaterThan(name: TaskName, at: number): Promise<void> {
    this.#store.sql.exec(
      `INSERT INTO schedule (name, at) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET at = min(at, ?2)`,
      name,
      at,
    );
    await this.#arm();
  }

  /** Takes the tasks that are due and arms the alarm for the rest. */
  async takeDue(now: number): Promise<TaskName[]> {
    const rows = this.#store.sql
      .exec<{ name: TaskName }>(`DELETE FROM schedule WHERE at <= ? RETURNING name`, now)
      .toArray();
    await this.#arm();
    return rows.map((row) => row.name);
  }

  async #arm(): Promise<void> {
    const { at } = this.#store.sql.exec<{ at: number | null }>(`SELECT min(at) AS at FROM schedule`).one();
    if (at === null) await this.#store.deleteAlarm();
    else await this.#store.setAlarm(at);
  }
}
