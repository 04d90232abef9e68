/** LiveFeed: one per deployment, the dashboard's sockets and one fan-out of what changed. Wiring only. */
import { type Connection, type ConnectionContext, Server } from "partyserver";
import type { FeedEvent } from "@roundhouse/protocol/events";
import { HEARTBEAT_PING, HEARTBEAT_PONG } from "@roundhouse/protocol/limits";
import { FEED_SUBPROTOCOL } from "@roundhouse/protocol/session";
import type { Env } from "../../env.ts";
import type { Holder, RevokeSelector } from "../node-hub/rpc.ts";
import { HOLDER_HEADER } from "../node-hub/wire.ts";
import { isHeldBy } from "../revocation.ts";
import type { LiveFeedRpc } from "./rpc.ts";

export class LiveFeed extends Server<Env> implements LiveFeedRpc {
  static override options = { hibernate: true };

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(HEARTBEAT_PING, HEARTBEAT_PONG));
  }

  async publish(events: FeedEvent[]): Promise<void> {
    for (const event of events) this.broadcast(JSON.stringify(event));
  }

  async revoke(selector: RevokeSelector): Promise<void> {
    for (const connection of this.getConnections<Holder>()) {
      if (connection.state && isHeldBy({ ...connection.state, instanceId: null }, selector)) {
        connection.close(1008, "access was revoked");
      }
    }
  }

  /** Ends what outlived its session or key. */
  override async onAlarm(): Promise<void> {
    const now = Date.now();
    const left: number[] = [];
    for (const connection of this.getConnections<Holder>()) {
      const expiresAt = connection.state?.expiresAt ?? Number.POSITIVE_INFINITY;
      if (expiresAt <= now) connection.close(1008, "access has expired");
      else left.push(expiresAt);
    }
    await this.#lookBy(Math.min(...left));
  }

  async #lookBy(at: number): Promise<void> {
    const armedAt = await this.ctx.storage.getAlarm();
    if (at < (armedAt ?? Number.POSITIVE_INFINITY)) await this.ctx.storage.setAlarm(at);
  }

  /** Takes `https://live-feed/` with the holder in a header; the Worker has checked who it is. */
  override async fetch(request: Request): Promise<Response> {
    const accepted = await super.fetch(new Request("https://live-feed/", { headers: request.headers }));
    const headers = new Headers();
    if (request.headers.has("Sec-WebSocket-Protocol")) headers.set("Sec-WebSocket-Protocol", FEED_SUBPROTOCOL);
    return new Response(null, { status: accepted.status, webSocket: accepted.webSocket, headers });
  }

  override async onConnect(connection: Connection<Holder>, { request }: ConnectionContext): Promise<void> {
    const holder = JSON.parse(request.headers.get(HOLDER_HEADER) ?? "null") as Holder | null;
    connection.setState(holder);
    connection.send(JSON.stringify({ type: "feed.hello" } satisfies FeedEvent));
    if (typeof holder?.expiresAt === "number") await this.#lookBy(holder.expiresAt);
  }
}
