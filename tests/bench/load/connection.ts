/** One kept HTTP/1.1 connection, as lean as Node allows: the load must not be what is measured. */
import { connect, type Socket } from "node:net";
import type { Target } from "../ways/target.ts";
import { AnswerReader } from "./answer.ts";

const READ_BYTES = 256 * 1024;

type Waiting = { reader: AnswerReader; resolve: (answer: AnswerReader) => void; reject: (error: Error) => void };

export class Connection {
  readonly #socket: Socket;
  #waiting: Waiting | undefined;
  #over: Error | undefined;

  private constructor(port: number) {
    this.#socket = connect({
      ...{ host: "127.0.0.1", port, noDelay: true, highWaterMark: 1024 * 1024 },
      // One buffer for everything that is read.
      onread: { buffer: Buffer.allocUnsafe(READ_BYTES), callback: (size, buffer) => this.#onRead(size, buffer) },
    });
    this.#socket.on("error", (error) => this.#end(error));
    this.#socket.on("close", () => this.#end(new Error("the connection was closed")));
  }

  static open(port: number): Promise<Connection> {
    const connection = new Connection(port);
    return new Promise((resolve, reject) => {
      connection.#socket.once("connect", () => resolve(connection)).once("error", reject);
    });
  }

  /** Sends one request and waits for its whole answer; throws on any status but 200. */
  exchange(request: Uint8Array): Promise<AnswerReader> {
    const answer = this.#answer();
    this.#socket.write(request);
    return answer;
  }

  /** A request whose body is `bytes` long, made of one chunk again and again. */
  async upload(head: Uint8Array, chunk: Uint8Array, bytes: number): Promise<AnswerReader> {
    const answer = this.#answer();
    // A refusal may come while the body is sent; it is thrown where it is waited for.
    answer.catch(() => undefined);
    this.#socket.write(head);
    for (let left = bytes; left > 0 && !this.#over; left -= chunk.length) {
      const hasRoom = this.#socket.write(chunk.subarray(0, Math.min(left, chunk.length)));
      if (!hasRoom) await this.#drained();
    }
    return answer;
  }

  close(): void {
    this.#socket.destroy();
  }

  #answer(): Promise<AnswerReader> {
    return new Promise((resolve, reject) => {
      if (this.#over) return reject(this.#over);
      this.#waiting = { reader: new AnswerReader(), resolve, reject };
    });
  }

  #onRead(size: number, buffer: Uint8Array): boolean {
    const waiting = this.#waiting;
    if (!waiting) return this.#fail(new Error(`${size} bytes came unasked`));
    try {
      if (!waiting.reader.feed(Buffer.from(buffer.buffer, buffer.byteOffset, size))) return true;
    } catch (error) {
      return this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
    this.#waiting = undefined;
    const { status, text } = waiting.reader;
    if (status === 200) waiting.resolve(waiting.reader);
    else waiting.reject(new Error(`answered with ${status}: ${text}`));
    return true;
  }

  #fail(error: Error): boolean {
    this.#end(error);
    this.#socket.destroy();
    return false;
  }

  #end(error: Error): void {
    this.#over ??= error;
    this.#waiting?.reject(this.#over);
    this.#waiting = undefined;
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const go = (): void => {
        this.#socket.off("drain", go).off("close", go);
        resolve();
      };
      this.#socket.on("drain", go).on("close", go);
    });
  }
}

/** The head of a request, as bytes that can be sent any number of times. */
export function requestHead(
  target: Target,
  method: string,
  path: string,
  headers: Record<string, string> = {},
): Buffer {
  const lines = Object.entries({ Host: `127.0.0.1:${target.port}`, ...target.headers, ...headers });
  return Buffer.from(
    `${method} ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`,
    "latin1",
  );
}
