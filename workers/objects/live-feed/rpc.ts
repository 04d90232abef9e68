/** What the rest of the control plane may ask of the live feed. Types only. */
import type { FeedEvent } from "@roundhouse/protocol/events";
import type { RevokeSelector } from "../node-hub/rpc.ts";

export type LiveFeedRpc = {
  publish(events: FeedEvent[]): Promise<void>;
  /** Closes the matching sockets. */
  revoke(selector: RevokeSelector): Promise<void>;
};
