/**
 * Takes an instance's installation away at once, all but its outputs and what a person put beside it; then it installs as
 * for the first time. Throws `is_satellite`, `conflict`, `node_lacks`.
 */
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { Context } from "../context.ts";
import { changeInstance } from "./change.ts";
import { refuseSharedUse, relaunched } from "./installation.ts";
import { requireNeedsOf } from "./needs.ts";
import { showInstance } from "./read.ts";

export async function resetInstance(ctx: Context, id: string): Promise<Instance> {
  const row = await changeInstance(ctx, id, async (current) => {
    await refuseSharedUse(ctx, current, "reset");
    const change = { resets: current.resets + 1, firstStartedAt: null, ...relaunched(current) };
    if (change.epoch !== undefined) await requireNeedsOf(ctx, { ...current, firstStartedAt: null });
    return change;
  });
  return showInstance(ctx, row);
}
