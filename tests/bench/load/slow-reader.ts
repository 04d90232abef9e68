/** A client that asks for a large body and reads it slowly, or not at all. */
import { connect, type Socket } from "node:net";
import type { Target } from "../ways/target.ts";
import { requestHead } from "./connection.ts";

export class SlowReader {
  readonly #socket: Socket;
  readonly #bytesPerSecond: number;
  readonly #begin = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #broken: Error | undefined;
  bytes = 0;

  /** At 0 bytes a second it reads what comes first, and then nothing. */
  constructor(target: Target, path: string, bytesPerSecond: number) {
    this.#bytesPerSecond = bytesPerSecond;
    this.#socket = connect({ host: "127.0.0.1", port: target.port });
    this.#socket.write(requestHead(target, "GET", path));
    this.#socket.on("data", (chunk: Buffer) => this.#onData(chunk.length));
    this.#socket.on("error", (error) => (this.#broken = error));
    this.#socket.on("end", () => (this.#broken = new Error("the body ended early")));
  }

  /** Ends the reading. Throws if the body broke off while it was read, or never came. */
  close(): void {
    clearTimeout(this.#timer);
    this.#socket.destroy();
    if (this.#broken) throw this.#broken;
    if (this.bytes === 0) throw new Error("nothing came to the slow reader");
  }

  #onData(bytes: number): void {
    this.bytes += bytes;
    this.#socket.pause();
    if (this.#bytesPerSecond === 0) return;
    const dueMs = (this.bytes / this.#bytesPerSecond) * 1000;
    const waitMs = Math.max(0, dueMs - (performance.now() - this.#begin));
    this.#timer = setTimeout(() => this.#socket.resume(), waitMs);
  }
}
