/** A container as the other side of an MCP client: what `docker run --interactive --rm` does, over the engine's socket. */
import { PassThrough, type Duplex } from "node:stream";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { ReadBuffer, serializeMessage } from "@modelcontextprotocol/sdk/shared/stdio.js";
import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";
import type { Engine } from "../docker.ts";

export class AttachedContainer implements Transport {
  onmessage?: (message: JSONRPCMessage) => void;
  onclose?: () => void;
  onerror?: (error: Error) => void;
  /** What it wrote to its standard error. */
  said = "";
  readonly #engine: Engine;
  readonly #image: string;
  readonly #received = new ReadBuffer();
  #stream: Duplex | undefined;

  constructor(engine: Engine, image: string) {
    this.#engine = engine;
    this.#image = image;
  }

  async start(): Promise<void> {
    const container = await this.#engine.client.createContainer({
      Image: this.#image,
      OpenStdin: true,
      StdinOnce: true,
      HostConfig: { AutoRemove: true, NetworkMode: "none" },
    });
    const stream = await container.attach({ stream: true, stdin: true, stdout: true, stderr: true, hijack: true });
    this.#stream = stream as Duplex;
    const [out, err] = [new PassThrough(), new PassThrough()];
    container.modem.demuxStream(stream, out, err);
    out.on("data", (chunk: Buffer) => this.#take(chunk));
    err.on("data", (chunk: Buffer) => (this.said += String(chunk)));
    stream.on("error", (error) => this.onerror?.(error));
    stream.on("end", () => this.onclose?.());
    await container.start();
  }

  async send(message: JSONRPCMessage): Promise<void> {
    this.#stream?.write(serializeMessage(message));
  }

  /** The end of its input ends it, and it is removed then. */
  async close(): Promise<void> {
    this.#stream?.end();
  }

  #take(chunk: Buffer): void {
    this.#received.append(chunk);
    for (let message = this.#received.readMessage(); message !== null; message = this.#received.readMessage()) {
      this.onmessage?.(message);
    }
  }
}
