/** All streams of one link: opens them, hands frames to them, ends them together. */
import { WindowPool } from "@roundhouse/protocol/credits";
import type { Frame, HeaderList, OpenHead, ResponseHead, StreamTarget } from "@roundhouse/protocol/frames";
import type { Tuning } from "@roundhouse/protocol/messages";
import { isHeldBy } from "../revocation.ts";
import { HttpStream, StreamFault, type StreamPort } from "./http-stream.ts";
import type { Holder, RevokeSelector } from "./rpc.ts";
import { type ClientSocket, SocketStream, type SocketState } from "./socket-stream.ts";
import { INTERNAL_HEADER_PREFIX } from "./wire.ts";

export type StreamHolder = Holder & { instanceId: string | null; grantId: string | null };

type Entry = { holder: StreamHolder } & (
  | { kind: "http"; http: HttpStream }
  | { kind: "opening"; opening: Opening }
  | { kind: "socket"; socket: SocketStream }
);

type Opening = {
  head: PromiseWithResolvers<{ head: ResponseHead; body: Uint8Array }>;
  /** Frames that came between the app's 101 and the client's socket. */
  backlog: Frame[];
};

export type StreamDeps = {
  tuning: Tuning;
  /** Sends on the live link; throws {@link StreamFault} `link_lost` when there is none. */
  send(frame: Frame): void;
  nextStream(): number;
};

export type SocketOffer = {
  stream: number;
  head: ResponseHead;
  /** The app's words when it refused the upgrade. */
  body: Uint8Array;
};

export class StreamTable {
  readonly #deps: StreamDeps;
  readonly #pool: WindowPool;
  readonly #entries = new Map<number, Entry>();
  /** Frames for streams that this side does not know (any more). */
  strays = 0;

  constructor(deps: StreamDeps) {
    this.#deps = deps;
    this.#pool = new WindowPool(deps.tuning.windowPoolBytes);
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Carries a request to the node. Rejects with {@link StreamFault} when no response head comes. */
  async fetch(request: Request, path: string, target: StreamTarget, holder: StreamHolder): Promise<Response> {
    const stream = this.#deps.nextStream();
    const http = new HttpStream(this.#port(stream), request.method);
    this.#entries.set(stream, { kind: "http", http, holder });
    request.signal.addEventListener("abort", () => http.cancel("the client went away"));
    try {
      this.#deps.send({ type: "open", stream, head: openHead("http", request, path, target) });
    } catch (error) {
      http.fail(error instanceof StreamFault ? error : new StreamFault("protocol", String(error)));
    }
    if (request.body) void http.sendBody(request.body);
    return http.response;
  }

  /** Asks the app for a WebSocket; the answer's status is 101 when it agrees. */
  async offerSocket(request: Request, path: string, target: StreamTarget, holder: StreamHolder): Promise<SocketOffer> {
    const stream = this.#deps.nextStream();
    const opening: Opening = { head: Promise.withResolvers(), backlog: [] };
    this.#entries.set(stream, { kind: "opening", opening, holder });
    try {
      this.#deps.send({ type: "open", stream, head: openHead("websocket", request, path, target) });
      return { stream, ...(await opening.head.promise) };
    } catch (error) {
      this.#entries.delete(stream);
      throw error;
    }
  }

  /** Joins a client's accepted socket to the stream that was offered, or to the one it had before hibernation. */
  attach(state: SocketState, socket: ClientSocket): SocketStream {
    const before = this.#entries.get(state.stream);
    const stream = new SocketStream(this.#port(state.stream), socket, state);
    this.#entries.set(state.stream, { kind: "socket", socket: stream, holder: state });
    if (before?.kind === "opening") for (const frame of before.opening.backlog) stream.onFrame(frame);
    return stream;
  }

  socketOf(stream: number): SocketStream | undefined {
    const entry = this.#entries.get(stream);
    return entry?.kind === "socket" ? entry.socket : undefined;
  }

  dispatch(frame: Frame): void {
    const entry = this.#entries.get(frame.stream);
    if (!entry) {
      // Frames that were under way when this side ended the stream.
      this.strays += 1;
      return;
    }
    if (entry.kind === "http") entry.http.onFrame(frame);
    else if (entry.kind === "socket") entry.socket.onFrame(frame);
    else onOpeningFrame(entry.opening, frame);
  }

  revoke(selector: RevokeSelector): void {
    for (const entry of [...this.#entries.values()]) {
      if (!isHeldBy(entry.holder, selector)) continue;
      if (entry.kind === "http") entry.http.abort("cancelled", "access was revoked");
      else if (entry.kind === "socket") entry.socket.end(1008, "access was revoked");
      else entry.opening.head.reject(new StreamFault("cancelled", "access was revoked"));
    }
  }

  /** The link is gone: everything in flight gets a definite answer. */
  failAll(message: string): void {
    for (const entry of [...this.#entries.values()]) {
      if (entry.kind === "http") entry.http.fail(new StreamFault("link_lost", message));
      else if (entry.kind === "socket") entry.socket.onLinkLost();
      else entry.opening.head.reject(new StreamFault("link_lost", message));
    }
    this.#entries.clear();
  }

  #port(stream: number): StreamPort {
    return {
      stream,
      tuning: this.#deps.tuning,
      pool: this.#pool,
      send: (frame) => this.#deps.send(frame),
      done: () => this.#entries.delete(stream),
    };
  }
}

function onOpeningFrame(opening: Opening, frame: Frame): void {
  if (frame.type === "head") opening.head.resolve({ head: frame.head, body: new Uint8Array() });
  else if (frame.type === "reply") opening.head.resolve({ head: frame.head, body: frame.body });
  else if (frame.type === "reset") opening.head.reject(new StreamFault(frame.code, frame.message));
  else opening.backlog.push(frame);
}

function openHead(kind: OpenHead["kind"], request: Request, path: string, target: StreamTarget): OpenHead {
  const headers: HeaderList = [...request.headers].filter(([name]) => !name.startsWith(INTERNAL_HEADER_PREFIX));
  return { kind, target, method: request.method, path, headers, hasBody: request.body !== null };
}
