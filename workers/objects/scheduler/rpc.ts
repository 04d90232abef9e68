/** What the rest of the control plane may ask of the scheduler. Types only. */

export type SchedulerRpc = {
  /** Jobs changed: read them again. */
  poke(): Promise<void>;
  /** A run was asked for and stands in the database as `queued`: begin it when its job's limit lets it. */
  admit(runId: string): Promise<void>;
  /** A run is over: its place is free. */
  ended(runId: string): Promise<void>;
};
