/** What the tools that only read need of their node. */
import type { Facts } from "@roundhouse/protocol/facts";
import type { AppUser } from "../../blueprints/runtime.ts";
import type { StatsRecorder } from "../../host/stats.ts";
import type { ReadOutput } from "../call.ts";
import type { Places } from "../places.ts";

export type ReadDeps = {
  places: Places;
  user: AppUser | null;
  stats: Pick<StatsRecorder, "latest">;
  facts: () => Promise<Facts>;
  /** The output of a call; undefined where none is kept. */
  outputOf: (call: string) => Promise<ReadOutput | undefined>;
};
