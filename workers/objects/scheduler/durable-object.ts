/** Scheduler: one per deployment. */
import { DurableObject } from "cloudflare:workers";
import type { Env } from "../../env.ts";
import type { SchedulerRpc } from "./rpc.ts";

export class Scheduler extends DurableObject<Env> implements SchedulerRpc {
  async poke(): Promise<void> {}
  async admit(_runId: string): Promise<void> {}
  async ended(_runId: string): Promise<void> {}
}
