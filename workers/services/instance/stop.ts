/** Stops an instance. Stopping what is stopped changes nothing. */
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { Context } from "../context.ts";
import { changeInstance, refuseTombstone } from "./change.ts";
import { showInstance } from "./read.ts";

export async function stopInstance(ctx: Context, id: string): Promise<Instance> {
  const row = await changeInstance(ctx, id, (current) => {
    refuseTombstone(current);
    return current.desired === "stopped" ? undefined : { desired: "stopped" };
  });
  return showInstance(ctx, row);
}
