/** One WebSocket to an app of this node (SPEC WS1–WS6; mirror of the hub's socket-stream.ts). */
import WebSocket, { type RawData } from "ws";
import type { Frame, ResetCode } from "@roundhouse/protocol/frames";
import { MAX_APP_MESSAGE_BYTES, MAX_HEAD_BYTES, MAX_REPLY_BODY_BYTES } from "@roundhouse/protocol/limits";
import { fromApp, subprotocolsOf, toApp } from "./headers.ts";
import { loopbackLookup } from "./app-connections.ts";
import { Side } from "./side.ts";
import type { Stream, StreamPort } from "./stream.ts";

export class SocketStream implements Stream {
  readonly #port: StreamPort;
  readonly #appPort: number;
  readonly #side: Side;
  readonly #socket: WebSocket;
  /** Messages of the app leave one after the other. */
  #sending: Promise<unknown> = Promise.resolve();
  #parts: Uint8Array[] = [];
  #unsent = 0;

  constructor(port: StreamPort, appPort: number) {
    this.#port = port;
    this.#appPort = appPort;
    this.#side = new Side(port);
    this.#socket = this.#connect();
  }

  onFrame(frame: Frame): void {
    if (this.#side.ended) return;
    switch (frame.type) {
      case "message":
        return this.#onClientMessage(frame);
      case "close":
        return this.#onClientClose(frame.code, frame.reason);
      case "credit":
        return this.#side.sender.grant(frame.offset);
      case "reset":
        return this.abandon();
      case "open":
      case "head":
      case "reply":
      case "data":
      case "end":
        return this.#reset("protocol", `a ${frame.type} frame on a WebSocket stream`);
    }
  }

  abandon(): void {
    if (this.#side.ended) return;
    this.#side.finish();
    this.#socket.close(1001);
    this.#socket.terminate();
  }

  #connect(): WebSocket {
    const { path, headers } = this.#port.head;
    const socket = new WebSocket(`ws://localhost:${this.#appPort}${path}`, subprotocolsOf(headers), {
      headers: toApp(headers, this.#appPort),
      lookup: loopbackLookup,
      perMessageDeflate: false,
      maxPayload: MAX_APP_MESSAGE_BYTES,
      maxHeaderSize: MAX_HEAD_BYTES,
    });
    socket.on("open", () => this.#onOpen());
    socket.on("unexpected-response", (_request, response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes <= MAX_REPLY_BODY_BYTES) chunks.push(chunk);
        else response.destroy();
      });
      response.on("close", () => this.#refuse(response.statusCode ?? 502, response.rawHeaders, Buffer.concat(chunks)));
    });
    socket.on("message", (data, isBinary) => this.#onAppMessage(data, isBinary));
    socket.on("close", (code, reason) => this.#onAppClose(code, reason.toString()));
    socket.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH")
        return this.#reset("too_large", "the app's message is too large");
      if (socket.readyState === WebSocket.CONNECTING || socket.readyState === WebSocket.CLOSING) {
        this.#reset("unreachable", `the app on port ${this.#appPort} did not answer: ${error.code ?? error.message}`);
      }
    });
    return socket;
  }

  #onOpen(): void {
    const headers: [string, string][] = this.#socket.protocol
      ? [["sec-websocket-protocol", this.#socket.protocol]]
      : [];
    this.#side.say({ type: "head", head: { status: 101, headers } });
  }

  #refuse(status: number, rawHeaders: string[], body: Uint8Array): void {
    if (this.#side.ended) return;
    const headers = fromApp(rawHeaders, this.#port.head.headers, this.#appPort).filter(
      ([name]) => name !== "content-length",
    );
    this.#side.say({ type: "reply", head: { status, headers }, body });
    this.#side.finish();
    this.#socket.terminate();
  }

  #onAppMessage(data: RawData, isBinary: boolean): void {
    if (this.#side.ended) return;
    const bytes = toBytes(data);
    this.#socket.pause();
    this.#unsent += 1;
    this.#sending = this.#sending
      .then(() =>
        this.#side.sender.send(bytes, (piece, isLast) =>
          this.#side.say({
            type: "message",
            text: !isBinary,
            more: !isLast,
            bytes: piece,
          }),
        ),
      )
      .then(() => {
        this.#unsent -= 1;
        // One read may hold thousands of messages: none is asked for before the last of them is sent.
        if (this.#unsent === 0) this.#socket.resume();
      });
  }

  #onAppClose(code: number, reason: string): void {
    // What the app said before it closed must arrive before the close does.
    void this.#sending.then(() => {
      if (this.#side.ended) return;
      if (code === 1006) return this.#reset("unreachable", "the app's connection broke off");
      this.#side.say({ type: "close", code, reason });
      this.#side.finish();
    });
  }

  #onClientMessage(frame: { text: boolean; more: boolean; bytes: Uint8Array }): void {
    const size = frame.bytes.length;
    if (!this.#side.received(size)) return this.#reset("protocol", "more data than was granted");
    // A view on the link's message: copied, because it waits here.
    this.#parts.push(Uint8Array.from(frame.bytes));
    // Parts of one message are buffered anyway, up to the message cap: only whole messages press back.
    if (frame.more) return this.#side.taken(size);
    const message = Buffer.concat(this.#parts);
    this.#parts = [];
    this.#socket.send(frame.text ? message.toString() : message, { binary: !frame.text }, () => this.#side.taken(size));
  }

  #onClientClose(code: number, reason: string): void {
    // The app's own close frame is still to be read.
    this.#socket.resume();
    if (code === 1005) this.#socket.close();
    else this.#socket.close(code, reason);
    this.#side.finish();
  }

  #reset(code: ResetCode, message: string): void {
    if (this.#side.ended) return;
    this.#side.sayReset(code, message);
    this.abandon();
  }
}

function toBytes(data: RawData): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
}
