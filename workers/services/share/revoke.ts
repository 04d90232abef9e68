/** Revokes a share: its link opens nothing any more, and what was opened by it ends. */
import { eq } from "drizzle-orm";
import { instances } from "../../db/instances.ts";
import { shares } from "../../db/shares.ts";
import type { Context } from "../context.ts";
import { ServiceError } from "../error.ts";
import { publishChange } from "../feed/publish.ts";
import { revokeAt } from "../revoke.ts";

export async function revokeShare(ctx: Context, id: string): Promise<void> {
  const [found] = await ctx.db
    .select({ nodeId: instances.nodeId })
    .from(shares)
    .innerJoin(instances, eq(instances.id, shares.instanceId))
    .where(eq(shares.id, id));
  if (!found) {
    throw new ServiceError("not_found", `There is no share ${JSON.stringify(id)}.`, {
      hint: "GET /api/instances/{id}/shares lists those of an instance.",
    });
  }
  await ctx.db.delete(shares).where(eq(shares.id, id));
  await revokeAt(ctx, found.nodeId, { by: "share", shareId: id });
  await publishChange(ctx, "share", id);
}
