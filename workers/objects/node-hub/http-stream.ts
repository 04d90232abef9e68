/** One HTTP request of an app or of the agent's services, carried over the link (SPEC ST1–ST8). */
import { ReceiveWindow, SendWindow, type WindowPool } from "@roundhouse/protocol/credits";
import {
  dataFrameAround,
  freeData,
  type Frame,
  FRAME_HEADER_BYTES,
  type HeaderList,
  type ResetCode,
  type ResponseHead,
} from "@roundhouse/protocol/frames";
import type { Tuning } from "@roundhouse/protocol/messages";

/** What a stream needs of the link. */
export type StreamPort = {
  stream: number;
  tuning: Tuning;
  pool: WindowPool;
  /** Sends a frame, or the bytes of one. */
  send(frame: Frame | Uint8Array): void;
  /** The stream is over on this side; no more frames will be handled. */
  done(): void;
};

/** A stream that ended without a whole response. */
export class StreamFault extends Error {
  readonly code: ResetCode;
  constructor(code: ResetCode, message: string) {
    super(message);
    this.name = "StreamFault";
    this.code = code;
  }
}

const NULL_BODY_STATUS = new Set([101, 204, 205, 304]);

export class HttpStream {
  readonly #port: StreamPort;
  readonly #method: string;
  readonly #answerHeaders: (headers: HeaderList) => HeaderList;
  readonly #send: SendWindow;
  readonly #receive: ReceiveWindow;
  readonly #response = Promise.withResolvers<Response>();
  #writer: WritableStreamDefaultWriter<Uint8Array> | undefined;
  /** Bytes of the response that may still come; infinite when it states no length. */
  #missing = Number.POSITIVE_INFINITY;
  #wakeSender: (() => void) | undefined;
  #ended = false;

  constructor(port: StreamPort, method: string, answerHeaders: (headers: HeaderList) => HeaderList) {
    this.#port = port;
    this.#method = method;
    this.#answerHeaders = answerHeaders;
    const { initialWindowBytes, maxWindowBytes } = port.tuning;
    this.#send = new SendWindow(initialWindowBytes);
    this.#receive = new ReceiveWindow({ initialBytes: initialWindowBytes, maxBytes: maxWindowBytes }, port.pool);
  }

  /** The response as soon as its head is here. Rejects with {@link StreamFault}. */
  get response(): Promise<Response> {
    return this.#response.promise;
  }

  /** Sends a request body as fast as credits allow. A body that breaks off, or ends short of `length`, resets the stream. */
  async sendBody(body: ReadableStream<Uint8Array>, length = 0): Promise<void> {
    const reader = body.getReader({ mode: "byob" });
    try {
      while (!this.#ended) {
        const allowed = await this.#sendable();
        if (allowed === 0) break;
        // Read behind the frame's header, so that nothing is copied.
        const { value, done } = await reader.read(
          new Uint8Array(new ArrayBuffer(FRAME_HEADER_BYTES + allowed), FRAME_HEADER_BYTES),
        );
        if (this.#ended) break;
        if (value && value.length > 0) {
          this.#send.take(value.length);
          this.#port.send(dataFrameAround(this.#port.stream, value));
        }
        // To its reader a body that broke off may look like one that ended.
        if (done && this.#send.sent < length) return this.cancel("the client's body broke off");
        if (done) {
          this.#port.send({ type: "end", stream: this.#port.stream });
          return;
        }
      }
      await reader.cancel();
    } catch (error) {
      // The client went away in the middle of its body.
      this.cancel(error instanceof Error ? error.message : String(error));
    }
  }

  onFrame(frame: Frame): void {
    if (this.#ended) return;
    switch (frame.type) {
      case "head":
        return this.#onHead(frame.head);
      case "reply":
        return this.#onReply(frame.head, frame.body);
      case "data":
        return this.#onData(frame.bytes);
      case "end":
        return this.#onEnd();
      case "reset":
        return this.fail(new StreamFault(frame.code, frame.message));
      case "credit":
        this.#send.grant(frame.offset);
        return this.#wake();
      case "open":
      case "message":
      case "close":
        return this.abort("protocol", `a ${frame.type} frame on an HTTP stream`);
    }
  }

  /** The client is gone: tells the agent, so that the app's work ends too. */
  cancel(message: string): void {
    this.abort("cancelled", message);
  }

  /** Ends the stream from this side. */
  abort(code: ResetCode, message: string): void {
    if (this.#ended) return;
    this.#port.send({ type: "reset", stream: this.#port.stream, code, message });
    this.fail(new StreamFault(code, message));
  }

  /** Ends the stream without a word to the agent (it already knows, or the link is gone). */
  fail(fault: StreamFault): void {
    if (this.#ended) return;
    this.#finish();
    this.#response.reject(fault);
    // The reader of the body sees the break; a client that left has no use for the rejection itself.
    this.#writer?.abort(fault).catch(ignoreGoneReader);
  }

  #onHead(head: ResponseHead): void {
    if (this.#writer) return this.abort("protocol", "a second response head");
    const length = contentLength(head.headers);
    this.#missing = length ?? this.#missing;
    const { readable, writable } = length === undefined ? new IdentityTransformStream() : new FixedLengthStream(length);
    this.#writer = writable.getWriter();
    this.#writer.closed.catch(() => this.cancel("the client went away"));
    this.#answer(head, readable);
  }

  #onReply(head: ResponseHead, body: Uint8Array): void {
    if (this.#writer) return this.abort("protocol", "a second response head");
    this.#answer(head, body);
    if (!this.#ended) this.#finish();
  }

  #answer(head: ResponseHead, body: ReadableStream | Uint8Array): void {
    try {
      this.#response.resolve(this.#build(head, body));
    } catch (error) {
      // A status or header that no HTTP response can have.
      this.abort("protocol", error instanceof Error ? error.message : String(error));
    }
  }

  #onData(bytes: Uint8Array): void {
    if (!this.#writer) return this.abort("protocol", "data before the response head");
    if (!this.#receive.onReceived(bytes.length)) return this.abort("protocol", "more data than was granted");
    this.#missing -= bytes.length;
    if (this.#missing < 0) return this.abort("protocol", "more data than the response's length");
    const { length } = bytes;
    this.#writer.write(bytes).then(
      () => {
        freeData(bytes);
        this.#onWritten(length);
      },
      () => this.cancel("the client went away"),
    );
  }

  #onWritten(bytes: number): void {
    if (this.#ended) return;
    const offset = this.#receive.onConsumed(bytes);
    if (offset !== undefined) this.#port.send({ type: "credit", stream: this.#port.stream, offset });
  }

  #onEnd(): void {
    if (!this.#writer) return this.abort("protocol", "an end before the response head");
    const writer = this.#writer;
    this.#finish();
    // A short body of a fixed length breaks here, and the client's connection with it, as it should.
    writer.close().catch(ignoreGoneReader);
  }

  #build(head: ResponseHead, body: ReadableStream | Uint8Array): Response {
    const headers = this.#answerHeaders(head.headers);
    const empty = this.#method === "HEAD" || NULL_BODY_STATUS.has(head.status);
    if (empty && body instanceof ReadableStream) body.cancel().catch(ignoreGoneReader);
    return new Response(empty ? null : body, { status: head.status, headers, encodeBody: "manual" });
  }

  #finish(): void {
    this.#ended = true;
    this.#receive.release();
    this.#wake();
    this.#port.done();
  }

  /** Bytes that may be sent now; waits for credit; 0 when the stream ended meanwhile. */
  async #sendable(): Promise<number> {
    while (!this.#ended && this.#send.available === 0) {
      await new Promise<void>((resolve) => {
        this.#wakeSender = resolve;
      });
    }
    return this.#ended ? 0 : Math.min(this.#send.available, this.#port.tuning.dataFrameBytes);
  }

  #wake(): void {
    this.#wakeSender?.();
    this.#wakeSender = undefined;
  }
}

/** The length that headers state; undefined when they state none. */
export function contentLength(headers: Iterable<[string, string]>): number | undefined {
  const header = [...headers].find(([name]) => name.toLowerCase() === "content-length");
  const length = header && /^\d+$/.test(header[1]) ? Number(header[1]) : undefined;
  return length !== undefined && Number.isSafeInteger(length) ? length : undefined;
}

/** A reader that left makes writes and closes reject; the stream's end was already handled. */
function ignoreGoneReader(): void {}
