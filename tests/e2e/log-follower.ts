/** Reads an instance's log as the dashboard does: one socket after the other, each from where the last one ended. */
import { setTimeout as sleep } from "node:timers/promises";
import WebSocket, { type ClientOptions } from "ws";
import { LogOffset, type Piece } from "../../dashboard/src/logs/offset.ts";
import type { House } from "./house.ts";

const RETRY_MS = 100;

export class LogFollower {
  readonly #address: () => string;
  readonly #key: string;
  readonly #offset = new LogOffset(0);
  #socket: WebSocket | undefined;
  #isClosed = false;
  #text = "";
  /** Sockets that were opened so far. */
  sockets = 0;
  /** Bytes that the log dropped before they were read. */
  lostBytes = 0;

  constructor(house: House, instanceId: string) {
    this.#key = house.adminKey;
    this.#address = () =>
      `ws://127.0.0.1:${house.port}/api/instances/${instanceId}/logs?offset=${this.#offset.next}&follow=1`;
    void this.#follow();
  }

  /** Whole lines only. */
  get lines(): string[] {
    return this.#text.split("\n").slice(0, -1);
  }

  close(): void {
    this.#isClosed = true;
    this.#socket?.terminate();
  }

  async #follow(): Promise<void> {
    while (!this.#isClosed) {
      await this.#once();
      await sleep(RETRY_MS);
    }
  }

  #once(): Promise<void> {
    this.#offset.reconnect();
    const options: ClientOptions & { closeTimeout: number } = {
      headers: { Authorization: `Bearer ${this.#key}` },
      // After its close frame, workerd keeps the TCP connection of a client that never said a word. Browsers wait 2 s for it.
      closeTimeout: 300,
    };
    const socket = new WebSocket(this.#address(), options);
    this.#socket = socket;
    socket.on("open", () => (this.sockets += 1));
    socket.on("message", (data, isBinary) => {
      const bytes = data as Buffer;
      if (isBinary) this.#show(this.#offset.receive(bytes));
      else this.#show(this.#offset.announce((JSON.parse(bytes.toString()) as { offset: number }).offset));
    });
    return new Promise((resolve) => {
      // An outage shows as a refused, broken or closed socket: the next one goes on where this one ended.
      socket.on("error", () => resolve());
      socket.on("close", () => resolve());
    });
  }

  #show(pieces: Piece[]): void {
    for (const piece of pieces) {
      if (piece.kind === "gap") this.lostBytes += piece.lostBytes;
      else this.#text += Buffer.from(piece.bytes).toString();
    }
  }
}
