/** One WebSocket of an app or of the agent's services: a client's socket here, a stream on the link (SPEC WS1–WS6). */
import { ReceiveWindow, SendWindow, type WindowPool } from "@roundhouse/protocol/credits";
import type { Frame, ResetCode } from "@roundhouse/protocol/frames";
import { APP_SOCKET_PACE, MAX_APP_MESSAGE_BYTES } from "@roundhouse/protocol/limits";
import type { Tuning } from "@roundhouse/protocol/messages";
import { Pace } from "./pace.ts";
import type { Holder } from "./rpc.ts";

/** A byte order mark is part of a message's text. */
const UTF8 = new TextDecoder("utf-8", { ignoreBOM: true, fatal: false });

/** What the runtime reports for a close frame without a code, and for no close frame at all (RFC 6455 §7.4.1). */
const NO_CODE = 1005;
const BROKEN_OFF = 1006;

/** What must survive hibernation lives on the socket itself. */
export type SocketState = Holder & {
  role: "client";
  stream: number;
  instanceId: string | null;
  grantId: string | null;
  sent: number;
  sendLimit: number;
  received: number;
  granted: number;
  /** Part of a message is in memory only: a wake that finds this set must end the socket. */
  partial: boolean;
};

export type ClientSocket = {
  send(message: string | Uint8Array): void;
  close(code: number, reason: string): void;
  save(state: SocketState): void;
};

/** How long an app may take for what a client said before it closed. */
const LAST_WORDS_MS = 30_000;

export type SocketPort = { tuning: Tuning; pool: WindowPool; send(frame: Frame): void; done(): void };

export class SocketStream {
  readonly #port: SocketPort;
  readonly #socket: ClientSocket;
  readonly #state: SocketState;
  readonly #send: SendWindow;
  readonly #receive: ReceiveWindow;
  readonly #pace = new Pace(APP_SOCKET_PACE, Date.now());
  #parts: Uint8Array[] = [];
  #partBytes = 0;
  #queue: { text: boolean; bytes: Uint8Array }[] = [];
  #queuedBytes = 0;
  /** The client closed; what it said before is still on its way to the app. */
  #closing: { code: number; reason: string; limit: ReturnType<typeof setTimeout> } | undefined;
  #ended = false;

  constructor(port: SocketPort, socket: ClientSocket, state: SocketState) {
    this.#port = port;
    this.#socket = socket;
    this.#state = state;
    this.#send = new SendWindow(state.sendLimit, state.sent);
    const { initialWindowBytes, maxWindowBytes } = port.tuning;
    const sizes = { initialBytes: initialWindowBytes, maxBytes: maxWindowBytes };
    this.#receive = new ReceiveWindow(sizes, port.pool, state.received, state.granted);
  }

  get state(): SocketState {
    return this.#state;
  }

  /** A message of the client, on its way to the app. */
  onClientMessage(message: string | ArrayBuffer): void {
    const text = typeof message === "string";
    const bytes = text ? new TextEncoder().encode(message) : new Uint8Array(message);
    if (bytes.length > MAX_APP_MESSAGE_BYTES) {
      return this.end(1009, `a message of ${bytes.length} bytes; the limit is ${MAX_APP_MESSAGE_BYTES}`);
    }
    if (this.#queuedBytes + bytes.length > MAX_APP_MESSAGE_BYTES) {
      return this.end(1013, "the app reads more slowly than this client writes");
    }
    this.#queue.push({ text, bytes });
    this.#queuedBytes += bytes.length;
    this.#drain();
    this.#save();
  }

  onClientClose(code: number, reason: string): void {
    if (this.#ended || this.#closing) return;
    if (code === BROKEN_OFF) return this.#leave("the client broke off");
    const sendable = isSendableCode(code) ? code : NO_CODE;
    // The timer also keeps the object awake: what is queued is in its memory only.
    const limit = setTimeout(() => this.#leave("the app did not take what the client said last"), LAST_WORDS_MS);
    this.#closing = { code: sendable, reason: cutReason(reason), limit };
    this.#drain();
  }

  onFrame(frame: Frame): void {
    if (this.#ended) return;
    switch (frame.type) {
      case "message":
        return this.#onMessage(frame);
      case "close":
        return this.fail(frame.code, frame.reason);
      case "reset":
        return this.fail(closeCodeOf(frame.code), frame.message);
      case "credit":
        this.#send.grant(frame.offset);
        this.#drain();
        return this.#save();
      case "open":
      case "head":
      case "reply":
      case "data":
      case "end":
        return this.end(1002, `a ${frame.type} frame on a WebSocket stream`, "protocol");
    }
  }

  /** Ends both sides: the client with a close frame, the app by a reset. */
  end(code: number, reason: string, why: ResetCode = "cancelled"): void {
    if (this.#ended) return;
    this.#port.send({ type: "reset", stream: this.#state.stream, code: why, message: cutReason(reason) });
    this.fail(code, reason);
  }

  /** Closes the client's socket without a word to the agent (it already knows, or the link is gone). */
  fail(code: number, reason: string): void {
    if (this.#ended) return;
    this.#finish();
    if (!this.#closing) this.#socket.close(isSendableCode(code) ? code : 1000, cutReason(reason));
  }

  #onMessage(frame: { text: boolean; more: boolean; bytes: Uint8Array }): void {
    if (!this.#receive.onReceived(frame.bytes.length)) return this.end(1002, "more data than was granted", "protocol");
    this.#partBytes += frame.bytes.length;
    if (this.#partBytes > MAX_APP_MESSAGE_BYTES) return this.end(1009, "the app's message is too large");
    this.#parts.push(frame.bytes);
    if (!frame.more) this.#deliver(frame.text);
    const waitMs = this.#pace.take(frame.bytes.length, Date.now());
    if (waitMs === 0) return this.#consumed(frame.bytes.length);
    this.#save();
    setTimeout(() => this.#consumed(frame.bytes.length), waitMs);
  }

  #consumed(bytes: number): void {
    if (this.#ended) return;
    const offset = this.#receive.onConsumed(bytes);
    if (offset !== undefined) this.#port.send({ type: "credit", stream: this.#state.stream, offset });
    this.#save();
  }

  /** The client is gone: its app's side is reset. */
  #leave(message: string): void {
    const { stream } = this.#state;
    this.#finish();
    this.#port.send({ type: "reset", stream, code: "cancelled", message });
  }

  #deliver(text: boolean): void {
    const bytes = this.#parts.length === 1 && this.#parts[0] ? this.#parts[0] : join(this.#parts, this.#partBytes);
    this.#parts = [];
    this.#partBytes = 0;
    if (!this.#closing) this.#socket.send(text ? UTF8.decode(bytes) : bytes);
  }

  #drain(): void {
    let head = this.#queue[0];
    while (head && (this.#send.available > 0 || head.bytes.length === 0)) {
      const size = Math.min(head.bytes.length, this.#send.available, this.#port.tuning.dataFrameBytes);
      const bytes = head.bytes.subarray(0, size);
      const more = size < head.bytes.length;
      this.#send.take(size);
      this.#queuedBytes -= size;
      this.#port.send({ type: "message", stream: this.#state.stream, text: head.text, more, bytes });
      if (more) head.bytes = head.bytes.subarray(size);
      else this.#queue.shift();
      head = this.#queue[0];
    }
    if (head || !this.#closing || this.#ended) return;
    const { code, reason } = this.#closing;
    this.#finish();
    this.#port.send({ type: "close", stream: this.#state.stream, code, reason });
  }

  #finish(): void {
    this.#ended = true;
    if (this.#closing) clearTimeout(this.#closing.limit);
    // Its socket may take long to close, and holds this meanwhile.
    this.#queue = [];
    this.#parts = [];
    this.#receive.release();
    this.#port.done();
  }

  #save(): void {
    if (this.#ended || this.#closing) return;
    this.#state.sent = this.#send.sent;
    this.#state.sendLimit = this.#send.limit;
    this.#state.received = this.#receive.received;
    this.#state.granted = this.#receive.granted;
    this.#state.partial = this.#parts.length > 0 || this.#queue.length > 0;
    this.#socket.save(this.#state);
  }
}

/** Codes an endpoint may put into a close frame (RFC 6455 §7.4). */
export function isSendableCode(code: number): boolean {
  return (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code <= 4999);
}

function closeCodeOf(code: ResetCode): number {
  switch (code) {
    case "cancelled":
    case "unreachable":
    case "link_lost":
      return 1012;
    case "timeout":
    case "too_many":
      return 1013;
    case "refused":
      return 1008;
    case "too_large":
      return 1009;
    case "protocol":
      return 1002;
  }
}

/** A close reason holds at most 123 bytes of UTF-8. */
function cutReason(reason: string): string {
  let cut = reason.slice(0, 123);
  while (new TextEncoder().encode(cut).length > 123) cut = cut.slice(0, -1);
  return cut;
}

function join(parts: Uint8Array[], total: number): Uint8Array {
  const whole = new Uint8Array(total);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
