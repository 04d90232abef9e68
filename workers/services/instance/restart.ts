/**
 * Restarts an instance: a new launch, whatever it does now. With `at`, only while its generation still is that one, so that
 * asking again restarts nothing. Throws `node_lacks` and `port_pool_empty`.
 */
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { Context } from "../context.ts";
import { changeInstance, refuseTombstone } from "./change.ts";
import { requireNeedsOf } from "./needs.ts";
import { requirePoolPortOf } from "./port-pool.ts";
import { showInstance } from "./read.ts";

export async function restartInstance(ctx: Context, id: string, at?: number): Promise<Instance> {
  const row = await changeInstance(ctx, id, async (current) => {
    refuseTombstone(current);
    if (at !== undefined && current.generation !== at) return undefined;
    await requireNeedsOf(ctx, current);
    await requirePoolPortOf(ctx, current);
    return { desired: "running", epoch: current.epoch + 1 };
  });
  return showInstance(ctx, row);
}
