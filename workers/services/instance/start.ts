/** Starts an instance. Starting what runs, or is on its way, changes nothing. */
import type { Instance } from "@roundhouse/protocol/api";
import type { Context } from "../context.ts";
import { changeInstance, refuseTombstone } from "./change.ts";
import { showInstance } from "./read.ts";
import { isDead } from "./status.ts";

export async function startInstance(ctx: Context, id: string): Promise<Instance> {
  const row = await changeInstance(ctx, id, (current) => {
    refuseTombstone(current);
    if (current.desired === "running" && !isDead(current)) return undefined;
    return { desired: "running", epoch: current.epoch + 1 };
  });
  return showInstance(ctx, row);
}
