/** Opens an app, or another port of it: a URL with a one-use ticket, which the app's origin swaps for a cookie. */
import type { OpenInstance, Opened } from "@roundhouse/protocol/api/instance";
import { holderOf } from "../actor.ts";
import type { Context } from "../context.ts";
import { requireAppUrls } from "../node/app-urls.ts";
import { nodeHub } from "../objects.ts";
import { refuseTombstone } from "./change.ts";
import { appUrl, hostLabel, resolvePort } from "./ports.ts";
import { readInstance } from "./read.ts";
import type { InstanceRow } from "./status.ts";

/** Works in any status: while the app is not there, its URL shows how far it is. Throws `apps_not_confirmed`, and `not_found` for a port it has not. */
export async function openInstance(ctx: Context, id: string, input: OpenInstance = {}): Promise<Opened> {
  for (;;) {
    const row = await readInstance(ctx.db, id);
    const opened = await openAs(ctx, row, input);
    // A ticket for the host it had before a change, made at that moment, opens nothing.
    if (hostLabel(await readInstance(ctx.db, id)) === hostLabel(row)) return opened;
  }
}

async function openAs(ctx: Context, row: InstanceRow, input: OpenInstance): Promise<Opened> {
  refuseTombstone(row);
  const { id, nodeId } = row;
  const hosts = input.framed ? { ...row, hostname: null } : row;
  const port = resolvePort(row, input.port);
  const ticket = await nodeHub(ctx.env, nodeId).issueTicket({
    instanceId: id,
    slug: hostLabel(hosts, port),
    path: "/",
    ...holderOf(ctx.actor),
  });
  // Asked last: what is taken back from here on ends the ticket, too. One that is not handed out opens nothing.
  await requireAppUrls(ctx, nodeId);
  return { url: `${appUrl(ctx.env, hosts, port)}/__roundhouse/open?ticket=${encodeURIComponent(ticket)}` };
}
