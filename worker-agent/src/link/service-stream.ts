/** Streams that the agent answers itself: its services as HTTP, or as a feed of messages (SPEC SV1–SV3). */
import type { Frame, HeaderList } from "@roundhouse/protocol/frames";
import { MAX_REPLY_BODY_BYTES } from "@roundhouse/protocol/limits";
import { FEED_SUBPROTOCOL } from "@roundhouse/protocol/session";
import { subprotocolsOf } from "./headers.ts";
import { Sender } from "./sender.ts";
import type { Stream, StreamPort } from "./stream.ts";

/** What a feed sends: text or binary messages. */
export type FeedMessage = string | Uint8Array;

/** The agent's services (services/router.ts). */
export type AgentServices = {
  /** Answers `GET <path>`. */
  get(url: URL): Promise<Response>;
  /** The messages of a live feed until `signal` aborts, or undefined when there is no such feed. */
  feed(url: URL, signal: AbortSignal): AsyncIterable<FeedMessage> | undefined;
};

export class ServiceStream implements Stream {
  readonly #port: StreamPort;
  readonly #sender: Sender;
  readonly #abort = new AbortController();
  #ended = false;

  constructor(port: StreamPort, services: AgentServices) {
    this.#port = port;
    this.#sender = new Sender(port);
    const url = new URL(port.head.path, "http://agent");
    const work = port.head.kind === "http" ? this.#answer(services, url) : this.#follow(services, url);
    work.catch((error: unknown) => this.#fail(error));
  }

  onFrame(frame: Frame): void {
    if (frame.type === "credit") this.#sender.grant(frame.offset);
    else if (frame.type === "reset" || frame.type === "close") this.abandon();
  }

  abandon(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#abort.abort();
    this.#sender.end();
    this.#port.done();
  }

  async #answer(services: AgentServices, url: URL): Promise<void> {
    const { method } = this.#port.head;
    const response = method === "GET" ? await services.get(url) : new Response(null, { status: 405 });
    const { stream, outbox } = this.#port;
    const head = { status: response.status, headers: [...response.headers] as HeaderList };
    const body = new Uint8Array(await response.arrayBuffer());
    if (this.#ended) return;
    if (body.length <= MAX_REPLY_BODY_BYTES) {
      outbox.send({ type: "reply", stream, head, body });
      return this.abandon();
    }
    outbox.send({ type: "head", stream, head });
    await this.#sender.send(body, (bytes) => outbox.send({ type: "data", stream, bytes }));
    if (this.#ended) return;
    outbox.send({ type: "end", stream });
    this.abandon();
  }

  async #follow(services: AgentServices, url: URL): Promise<void> {
    const { stream, outbox, head } = this.#port;
    const feed = services.feed(url, this.#abort.signal);
    if (!feed) {
      outbox.send({ type: "reply", stream, head: { status: 404, headers: [] }, body: new Uint8Array() });
      return this.abandon();
    }
    // A program that offered no subprotocol would take one in the answer for a fault.
    const isOffered = subprotocolsOf(head.headers).includes(FEED_SUBPROTOCOL);
    const headers: HeaderList = isOffered ? [["sec-websocket-protocol", FEED_SUBPROTOCOL]] : [];
    outbox.send({ type: "head", stream, head: { status: 101, headers } });
    for await (const message of feed) {
      const text = typeof message === "string";
      const bytes = text ? new TextEncoder().encode(message) : message;
      const sent = await this.#sender.send(bytes, (piece, isLast) =>
        outbox.send({ type: "message", stream, text, more: !isLast, bytes: piece }),
      );
      if (!sent) return;
    }
    if (this.#ended) return;
    outbox.send({ type: "close", stream, code: 1000, reason: "" });
    this.abandon();
  }

  #fail(error: unknown): void {
    if (this.#ended) return;
    const message = error instanceof Error ? error.message : String(error);
    this.#port.outbox.send({ type: "reset", stream: this.#port.stream, code: "unreachable", message });
    this.abandon();
  }
}
