/** Makes a share of an app; its link is shown this once. */
import { lte } from "drizzle-orm";
import type { CreateShare, NewShare } from "@roundhouse/protocol/api/share";
import { hashSecret, newId, newSecret } from "@roundhouse/protocol/ids";
import { shares } from "../../db/shares.ts";
import { holderOf } from "../actor.ts";
import { ownerLabel } from "../api-key/show.ts";
import type { Context } from "../context.ts";
import { publishChange } from "../feed/publish.ts";
import { refuseTombstone } from "../instance/change.ts";
import { appUrl, resolvePort } from "../instance/ports.ts";
import { readInstance } from "../instance/read.ts";
import { requireAppUrls } from "../node/app-urls.ts";
import { findUser } from "../user/read.ts";
import { type ShareRow, toShare } from "./show.ts";

/** Works in any status, as opening does. Throws `apps_not_confirmed`, and `not_found` for a port it has not. */
export async function createShare(ctx: Context, instanceId: string, input: CreateShare): Promise<NewShare> {
  const instance = await readInstance(ctx.db, instanceId);
  refuseTombstone(instance);
  await requireAppUrls(ctx, instance.nodeId);
  const key = newSecret("share");
  const port = resolvePort(instance, input.port);
  const row = await draft(ctx, { ...input, instanceId, port: port === null ? null : String(port) }, key);
  // Whoever makes a share tidies up: what has expired opens nothing any more.
  await ctx.db.batch([ctx.db.delete(shares).where(lte(shares.expiresAt, ctx.now)), ctx.db.insert(shares).values(row)]);
  await publishChange(ctx, "share", row.id);
  const owner = row.userId === null ? undefined : await findUser(ctx.db, row.userId);
  const url = `${appUrl(ctx.env, instance, port)}/__roundhouse/share?key=${key}`;
  return { ...toShare(row, ownerLabel(owner?.name ?? null)), url };
}

type Wish = Omit<CreateShare, "port"> & Pick<ShareRow, "instanceId" | "port">;

/** A share made with an API key lives no longer than the key. */
async function draft(
  { actor, now }: Context,
  { instanceId, name, path, port, expiresInSeconds }: Wish,
  key: string,
): Promise<ShareRow> {
  const { userId, keyId, expiresAt } = holderOf(actor);
  const keyEndsAt = keyId === null || expiresAt === null ? Number.POSITIVE_INFINITY : expiresAt;
  return {
    id: newId("share"),
    instanceId,
    name,
    path,
    port,
    secretHash: await hashSecret(key),
    userId,
    keyId,
    createdAt: now,
    expiresAt: new Date(Math.min(now.getTime() + expiresInSeconds * 1000, keyEndsAt)),
    lastUsedAt: null,
  };
}
