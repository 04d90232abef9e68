/** JobRun: one per run. */
import { DurableObject } from "cloudflare:workers";
import type { Step } from "@roundhouse/protocol/api/run";
import type { Env } from "../../env.ts";
import type { JobRunRpc } from "./rpc.ts";

export class JobRun extends DurableObject<Env> implements JobRunRpc {
  async begin(): Promise<void> {}
  async cancel(_by: string): Promise<void> {}
  async decided(): Promise<void> {}
  async steps(): Promise<Step[]> {
    return [];
  }
}
