/** Streams that the agent answers itself: its services as HTTP, or as a feed of messages (SPEC SV1–SV5). */
import type { Frame, HeaderList, ResetCode, ResponseHead } from "@roundhouse/protocol/frames";
import { MAX_REPLY_BODY_BYTES } from "@roundhouse/protocol/limits";
import { FEED_SUBPROTOCOL } from "@roundhouse/protocol/session";
import { FeedInbox, type FeedMessage, MAX_FEED_MESSAGE_BYTES } from "./feed-inbox.ts";
import { subprotocolsOf } from "./headers.ts";
import { RequestBody } from "./request-body.ts";
import { Side } from "./side.ts";
import type { Stream, StreamPort } from "./stream.ts";

/** The agent's services (services/router.ts). */
export type AgentServices = {
  /** Answers a request. Its signal aborts and its body breaks when the stream is cut short. */
  fetch(request: Request): Promise<Response>;
  /** The messages of a live feed until `signal` aborts, or undefined when there is no such feed. What its client says is in `inbox`. */
  feed(url: URL, signal: AbortSignal, inbox: FeedInbox): AsyncIterable<FeedMessage> | undefined;
};

export class ServiceStream implements Stream {
  readonly #port: StreamPort;
  readonly #side: Side;
  readonly #abort = new AbortController();
  readonly #body = new RequestBody((bytes) => this.#side.taken(bytes));
  readonly #inbox = new FeedInbox(
    (bytes) => this.#side.taken(bytes),
    (error) => this.#fail(error),
  );

  constructor(port: StreamPort, services: AgentServices) {
    this.#port = port;
    this.#side = new Side(port);
    const url = new URL(port.head.path, "http://agent");
    const work = port.head.kind === "http" ? this.#answer(services, url) : this.#follow(services, url);
    work.catch((error: unknown) => this.#fail(error));
  }

  onFrame(frame: Frame): void {
    if (frame.type === "credit") this.#side.sender.grant(frame.offset);
    else if (frame.type === "data") this.#onData(frame.bytes);
    else if (frame.type === "message") this.#onMessage(frame);
    else if (frame.type === "end") this.#body.end();
    else if (frame.type === "reset" || frame.type === "close") this.abandon();
  }

  abandon(): void {
    if (this.#side.ended) return;
    this.#side.finish();
    const reason = new Error("the stream was cut short");
    this.#abort.abort(reason);
    this.#body.fail(reason);
  }

  #onData(bytes: Uint8Array): void {
    if (this.#side.received(bytes.length)) return this.#body.push(bytes);
    this.#cut("protocol", "more data than was granted");
  }

  #onMessage(frame: Extract<Frame, { type: "message" }>): void {
    if (!this.#side.received(frame.bytes.length)) return this.#cut("protocol", "more data than was granted");
    if (this.#inbox.push(frame)) return;
    this.#cut("too_large", `a message of more than ${MAX_FEED_MESSAGE_BYTES} bytes`);
  }

  #cut(code: ResetCode, message: string): void {
    this.#side.sayReset(code, message);
    this.abandon();
  }

  async #answer(services: AgentServices, url: URL): Promise<void> {
    const response = await services.fetch(this.#request(url));
    const head: ResponseHead = { status: response.status, headers: [...response.headers] as HeaderList };
    const length = response.body === null ? 0 : Number(response.headers.get("content-length") ?? Number.NaN);
    if (length <= MAX_REPLY_BODY_BYTES) {
      const body = new Uint8Array(await response.arrayBuffer());
      if (this.#side.ended) return;
      this.#side.say({ type: "reply", head, body });
    } else {
      if (!this.#side.ended) this.#side.say({ type: "head", head });
      if (!(await this.#sendBody(response.body))) return;
      this.#side.say({ type: "end" });
    }
    this.abandon();
  }

  #request(url: URL): Request {
    const { method, headers, hasBody } = this.#port.head;
    // The types of `fetch` do not know that a streaming body needs `duplex`.
    const body = hasBody ? { body: this.#body.stream, duplex: "half" as const } : {};
    return new Request(url, { method, headers, signal: this.#abort.signal, ...body });
  }

  /** False when the stream ended on the way; the body's source is told then. */
  async #sendBody(body: ReadableStream<Uint8Array> | null): Promise<boolean> {
    for await (const chunk of body ?? []) {
      if (!(await this.#side.sender.send(chunk, (bytes) => this.#side.say({ type: "data", bytes })))) return false;
    }
    return !this.#side.ended;
  }

  async #follow(services: AgentServices, url: URL): Promise<void> {
    const { head } = this.#port;
    const feed = services.feed(url, this.#abort.signal, this.#inbox);
    if (!feed) {
      this.#side.say({ type: "reply", head: { status: 404, headers: [] }, body: new Uint8Array() });
      return this.abandon();
    }
    // A program that offered no subprotocol would take one in the answer for a fault.
    const isOffered = subprotocolsOf(head.headers).includes(FEED_SUBPROTOCOL);
    const headers: HeaderList = isOffered ? [["sec-websocket-protocol", FEED_SUBPROTOCOL]] : [];
    this.#side.say({ type: "head", head: { status: 101, headers } });
    for await (const message of feed) {
      const text = typeof message === "string";
      const bytes = text ? new TextEncoder().encode(message) : message;
      const sent = await this.#side.sender.send(bytes, (piece, isLast) =>
        this.#side.say({ type: "message", text, more: !isLast, bytes: piece }),
      );
      if (!sent) return;
    }
    if (this.#side.ended) return;
    this.#side.say({ type: "close", code: 1000, reason: "" });
    this.abandon();
  }

  #fail(error: unknown): void {
    if (this.#side.ended) return;
    this.#cut("unreachable", error instanceof Error ? error.message : String(error));
  }
}
