/** All streams of one link: opens them, hands frames to them, ends them together. */
import { WindowPool } from "@roundhouse/protocol/credits";
import { type Frame, FrameError, type HeaderList, type OpenHead, type StreamTarget } from "@roundhouse/protocol/frames";
import type { Tuning } from "@roundhouse/protocol/messages";
import { isHeldBy } from "../revocation.ts";
import { contentLength, HttpStream, StreamFault, type StreamPort } from "./http-stream.ts";
import type { Holder, RevokeSelector } from "./rpc.ts";
import { type OfferAnswer, SocketOffer } from "./socket-offer.ts";
import { type ClientSocket, SocketStream, type SocketState } from "./socket-stream.ts";

const GONE = "the client went away";

export type StreamHolder = Holder & { instanceId: string | null; grantId: string | null };

/** A request on its way to the node: what the agent is told of it, and how the answer's headers are shown. */
export type Passage = {
  request: Request;
  /** Path and query. */
  path: string;
  target: StreamTarget;
  headers: HeaderList;
  answerHeaders: (headers: HeaderList) => HeaderList;
  holder: StreamHolder;
};

type Entry = { holder: StreamHolder } & (
  | { kind: "http"; http: HttpStream }
  | { kind: "offer"; offer: SocketOffer }
  | { kind: "socket"; socket: SocketStream }
);

export type StreamDeps = {
  tuning: Tuning;
  /** Sends on the live link. False when there is none: the loss then ends every stream by itself. */
  send(frame: Frame | Uint8Array): boolean;
  nextStream(): number;
};

export class StreamTable {
  readonly #deps: StreamDeps;
  readonly #pool: WindowPool;
  readonly #entries = new Map<number, Entry>();

  constructor(deps: StreamDeps) {
    this.#deps = deps;
    this.#pool = new WindowPool(deps.tuning.windowPoolBytes);
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Carries a request to the node. Rejects with {@link StreamFault} when no response head comes. */
  async fetch(passage: Passage): Promise<Response> {
    const { request, holder } = passage;
    const stream = this.#deps.nextStream();
    const http = new HttpStream(this.#port(stream), request.method, passage.answerHeaders);
    this.#entries.set(stream, { kind: "http", http, holder });
    request.signal.addEventListener("abort", () => http.cancel(GONE));
    const fault = this.#open(stream, openHead("http", passage));
    if (fault) http.fail(fault);
    if (request.body) void http.sendBody(request.body, contentLength(request.headers));
    return http.response;
  }

  /** Asks the app for a WebSocket; the answer's status is 101 when it agrees. Rejects with {@link StreamFault}. */
  async offerSocket(passage: Passage): Promise<OfferAnswer & { stream: number }> {
    const { request, holder } = passage;
    const stream = this.#deps.nextStream();
    const offer = new SocketOffer(this.#port(stream));
    this.#entries.set(stream, { kind: "offer", offer, holder });
    request.signal.addEventListener("abort", () => offer.abort("cancelled", GONE));
    const fault = this.#open(stream, openHead("websocket", passage));
    if (fault) offer.fail(fault);
    return { stream, ...(await offer.answer) };
  }

  /** Joins a client's accepted socket to the stream that was offered for it. */
  join(state: SocketState, socket: ClientSocket): SocketStream {
    const entry = this.#entries.get(state.stream);
    const stream = this.resume(state, socket);
    if (entry?.kind !== "offer") stream.fail(1012, "the stream ended while the socket was opened");
    else for (const frame of entry.offer.backlog) stream.onFrame(frame);
    return stream;
  }

  /** Takes up a client's socket again that was open before hibernation. */
  resume(state: SocketState, socket: ClientSocket): SocketStream {
    const stream = new SocketStream(this.#port(state.stream), socket, state);
    this.#entries.set(state.stream, { kind: "socket", socket: stream, holder: state });
    return stream;
  }

  dispatch(frame: Frame): void {
    const entry = this.#entries.get(frame.stream);
    // A frame that was under way when this side ended the stream (SPEC FR9).
    if (!entry) return;
    if (entry.kind === "http") entry.http.onFrame(frame);
    else if (entry.kind === "socket") entry.socket.onFrame(frame);
    else entry.offer.onFrame(frame);
  }

  revoke(selector: RevokeSelector): void {
    for (const entry of [...this.#entries.values()]) {
      if (isHeldBy(entry.holder, selector)) endAccess(entry, "access was revoked");
    }
  }

  endGrants(grantIds: ReadonlySet<string>): void {
    for (const entry of [...this.#entries.values()]) {
      const { grantId } = entry.holder;
      if (grantId !== null && grantIds.has(grantId)) endAccess(entry, "the app moved to another address");
    }
  }

  /** Ends what outlived its session, key, share or grant; answers when the next one does. */
  endExpired(now: number): number | undefined {
    let nextAt: number | undefined;
    for (const entry of [...this.#entries.values()]) {
      const { expiresAt } = entry.holder;
      if (expiresAt === null) continue;
      if (expiresAt <= now) endAccess(entry, "access has expired");
      else nextAt = Math.min(nextAt ?? expiresAt, expiresAt);
    }
    return nextAt;
  }

  /** The link is gone: everything in flight gets a definite answer. */
  failAll(message: string): void {
    for (const entry of [...this.#entries.values()]) {
      if (entry.kind === "http") entry.http.fail(new StreamFault("link_lost", message));
      else if (entry.kind === "socket") entry.socket.fail(1012, message);
      else entry.offer.fail(new StreamFault("link_lost", message));
    }
  }

  #open(stream: number, head: OpenHead): StreamFault | undefined {
    try {
      if (this.#deps.send({ type: "open", stream, head })) return undefined;
      return new StreamFault("link_lost", "the node is offline");
    } catch (error) {
      if (error instanceof FrameError) return new StreamFault("too_large", error.message);
      throw error;
    }
  }

  #port(stream: number): StreamPort {
    return {
      stream,
      tuning: this.#deps.tuning,
      pool: this.#pool,
      send: (frame) => void this.#deps.send(frame),
      done: () => this.#entries.delete(stream),
    };
  }
}

function endAccess(entry: Entry, why: string): void {
  if (entry.kind === "http") entry.http.abort("cancelled", why);
  else if (entry.kind === "socket") entry.socket.end(1008, why);
  else entry.offer.abort("cancelled", why);
}

function openHead(kind: OpenHead["kind"], { request, path, target, headers }: Passage): OpenHead {
  return { kind, target, method: request.method, path, headers, hasBody: request.body !== null };
}
