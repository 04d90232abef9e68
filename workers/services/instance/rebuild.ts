/** Makes an instance's environment anew, before its next launch. Throws `is_satellite`, `conflict`. */
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { Context } from "../context.ts";
import { changeInstance } from "./change.ts";
import { refuseSharedUse, relaunched } from "./installation.ts";
import { showInstance } from "./read.ts";

export async function rebuildInstance(ctx: Context, id: string): Promise<Instance> {
  const row = await changeInstance(ctx, id, async (current) => {
    await refuseSharedUse(ctx, current, "rebuilt");
    return { rebuilds: current.rebuilds + 1, ...relaunched(current) };
  });
  return showInstance(ctx, row);
}
