/** LiveFeed: one per deployment, the dashboard's sockets and one fan-out of what changed. Wiring only. */
import { Server } from "partyserver";
import type { FeedEvent } from "@roundhouse/protocol/events";
import type { Env } from "../../env.ts";
import type { RevokeSelector } from "../node-hub/rpc.ts";
import type { LiveFeedRpc } from "./rpc.ts";

export class LiveFeed extends Server<Env> implements LiveFeedRpc {
  static override options = { hibernate: true };

  async publish(events: FeedEvent[]): Promise<void> {
    for (const event of events) this.broadcast(JSON.stringify(event));
  }

  async revoke(_selector: RevokeSelector): Promise<void> {}
}
