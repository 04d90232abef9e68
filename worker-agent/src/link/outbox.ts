/** Sends frames on the link's socket and says when it is full, so that apps are read no faster than the network takes. */
import type WebSocket from "ws";
import type { Duplex } from "node:stream";
import { encodeDataHeader, encodeFrame, type Frame } from "@roundhouse/protocol/frames";
import { appBuffers } from "./app-connections.ts";
import { sizeOf } from "./parts.ts";

/** Bytes under way above which streams wait. */
const HIGH_WATER_BYTES = 2 * 1024 * 1024;

/** From here on a body is not copied behind its frame's header but sent as it is, a fragment of the message (RFC 6455 §5.4). */
const COPY_BELOW_BYTES = 16 * 1024;

export class Outbox {
  readonly #socket: WebSocket;
  #connection: Duplex | undefined;
  #pendingBytes = 0;
  #waiting: (() => void)[] = [];
  #isServing = false;
  #isClosed = false;

  constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  /** The connection below the socket, so that a message of many parts is written at once. */
  writeThrough(connection: Duplex): void {
    this.#connection = connection;
  }

  /** Throws `FrameError` for what the peer would refuse. */
  send(frame: Frame): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#write([encodeFrame(frame)]);
  }

  /** Sends one DATA frame made of these pieces, which must not change any more. */
  sendData(stream: number, pieces: Uint8Array[]): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    const message = [encodeDataHeader(stream), ...pieces];
    this.#write(sizeOf(message) < COPY_BELOW_BYTES ? [Buffer.concat(message)] : message, () => {
      for (const piece of pieces) appBuffers.giveBack(piece);
    });
  }

  /** One message; what it is made of leaves in one packet where it fits. */
  #write(parts: Uint8Array[], onSent?: () => void): void {
    const bytes = sizeOf(parts);
    this.#pendingBytes += bytes;
    const onWritten = (error?: Error): void => {
      this.#pendingBytes -= bytes;
      if (!error) onSent?.();
      this.#serve();
    };
    this.#connection?.cork();
    for (const [index, part] of parts.entries()) {
      const fin = index === parts.length - 1;
      this.#socket.send(part, { binary: true, fin }, fin ? onWritten : undefined);
    }
    this.#connection?.uncork();
  }

  /** Resolves when there is room. Waiters are served in order, one after the other: streams take turns. */
  async room(): Promise<void> {
    if (this.#isClosed || (this.#hasRoom() && this.#waiting.length === 0)) return;
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** The socket is gone: lets every waiter go on, so that it can see that. */
  close(): void {
    this.#isClosed = true;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resume of waiting) resume();
  }

  #hasRoom(): boolean {
    return this.#pendingBytes < HIGH_WATER_BYTES;
  }

  /** The next one has its turn only after this one sent what it had: it may fill the socket, or send nothing at all. */
  #serve(): void {
    if (this.#isServing || this.#waiting.length === 0 || !this.#hasRoom()) return;
    this.#isServing = true;
    this.#waiting.shift()?.();
    setImmediate(() => {
      this.#isServing = false;
      this.#serve();
    });
  }
}
