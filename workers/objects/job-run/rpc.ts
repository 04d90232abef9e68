/** What the rest of the control plane may ask of a run's object (its name is the run's id). Types only. */
import type { Step } from "@roundhouse/protocol/api/run";

export type JobRunRpc = {
  /** Begins the run that the database names, or goes on with it. Again and again is the same as once. */
  begin(): Promise<void>;
  /** Ends it, and what it has under way on nodes. `by` is for people. Nothing happens to one that is over. */
  cancel(by: string): Promise<void>;
  /** An approval of this run was decided, or expired: read it again. */
  decided(): Promise<void>;
  /** The trace, oldest first. */
  steps(): Promise<Step[]>;
};
