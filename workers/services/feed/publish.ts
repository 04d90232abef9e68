/** Tells open dashboards what changed. A lost event costs a late refresh, so it never fails the change itself. */
import type { FeedEvent } from "@roundhouse/protocol/events";
import type { Context } from "../context.ts";
import { liveFeed } from "../objects.ts";

type Changed = Extract<FeedEvent, { type: "feed.changed" }>;

export async function publishChange(ctx: Context, entity: Changed["entity"], id: string | null): Promise<void> {
  try {
    await liveFeed(ctx.env).publish([{ type: "feed.changed", entity, id }]);
  } catch (error) {
    console.error("live feed not reached", error);
  }
}
