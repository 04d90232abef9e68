/** Opens an instance's app: a URL with a one-use ticket, which the app's origin swaps for a cookie. */
import type { Opened } from "@roundhouse/protocol/api";
import { holderOf } from "../actor.ts";
import type { Context } from "../context.ts";
import { requireAppUrls } from "../node/app-urls.ts";
import { nodeHub } from "../objects.ts";
import { refuseTombstone } from "./change.ts";
import { readInstance } from "./read.ts";
import { appUrl } from "./show.ts";

/** Works in any status: while the app is not there, its URL shows how far it is. Throws `apps_not_confirmed`. */
export async function openInstance(ctx: Context, id: string): Promise<Opened> {
  const row = await readInstance(ctx.db, id);
  refuseTombstone(row);
  const { slug, nodeId } = row;
  await requireAppUrls(ctx, nodeId);
  const ticket = await nodeHub(ctx.env, nodeId).issueTicket({
    instanceId: id,
    slug,
    path: "/",
    ...holderOf(ctx.actor),
  });
  return { url: `${appUrl(ctx.env, slug)}/__roundhouse/open?ticket=${encodeURIComponent(ticket)}` };
}
