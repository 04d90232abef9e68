/** Sends frames on the link's socket and says when it is full, so that apps are read no faster than the network takes. */
import type WebSocket from "ws";
import { encodeFrame, type Frame } from "@roundhouse/protocol/frames";

/** Bytes under way above which streams wait. */
const HIGH_WATER_BYTES = 2 * 1024 * 1024;

export class Outbox {
  readonly #socket: WebSocket;
  #pendingBytes = 0;
  #waiting: (() => void)[] = [];
  #isServing = false;
  #isClosed = false;

  constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  send(frame: Frame): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    const bytes = encodeFrame(frame);
    this.#pendingBytes += bytes.length;
    this.#socket.send(bytes, () => {
      this.#pendingBytes -= bytes.length;
      this.#serve();
    });
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
