/** All streams of one link on the node's side (mirror of the hub's streams.ts). */
import { WindowPool, type WindowSizes } from "@roundhouse/protocol/credits";
import type { Frame, OpenHead } from "@roundhouse/protocol/frames";
import type { Tuning } from "@roundhouse/protocol/messages";
import { HttpStream } from "./http-stream.ts";
import type { Outbox } from "./outbox.ts";
import { type AgentServices, ServiceStream } from "./service-stream.ts";
import { SocketStream } from "./socket-stream.ts";
import type { Stream, StreamPort } from "./stream.ts";

const MAX_STREAMS = 4096;

export type StreamsDeps = {
  tuning: Tuning;
  outbox: Outbox;
  services: AgentServices;
  /** The only ports a stream may go to for this instance. */
  portsOf: (instanceId: string) => number[];
};

export class Streams {
  readonly #deps: StreamsDeps;
  readonly #pool: WindowPool;
  readonly #sizes: WindowSizes;
  readonly #streams = new Map<number, Stream>();
  readonly #requests = new Set<number>();

  constructor(deps: StreamsDeps) {
    this.#deps = deps;
    const { initialWindowBytes, maxWindowBytes, windowPoolBytes } = deps.tuning;
    this.#pool = new WindowPool(windowPoolBytes);
    this.#sizes = { initialBytes: initialWindowBytes, maxBytes: maxWindowBytes };
  }

  get size(): number {
    return this.#streams.size;
  }

  /** Open HTTP exchanges; WebSockets have no end to wait for. */
  get requests(): number {
    return this.#requests.size;
  }

  dispatch(frame: Frame): void {
    if (frame.type === "open") return this.#open(frame.stream, frame.head);
    // A frame for a stream that ended here was under way when it did.
    const stream = this.#streams.get(frame.stream);
    if (stream) this.#guard(frame.stream, () => stream.onFrame(frame));
  }

  abandonAll(): void {
    for (const stream of [...this.#streams.values()]) stream.abandon();
  }

  #open(stream: number, head: OpenHead): void {
    const refusal = this.#refusal(stream, head);
    if (refusal) return this.#deps.outbox.send({ type: "reset", stream, ...refusal });
    const port: StreamPort = {
      stream,
      head,
      outbox: this.#deps.outbox,
      sizes: this.#sizes,
      pool: this.#pool,
      dataFrameBytes: this.#deps.tuning.dataFrameBytes,
      done: () => {
        this.#streams.delete(stream);
        this.#requests.delete(stream);
      },
    };
    this.#guard(stream, () => {
      this.#streams.set(stream, this.#make(port));
      if (head.kind === "http") this.#requests.add(stream);
    });
  }

  /** Node refuses headers, paths and subprotocols by throwing: that ends the stream that has them, nothing else. */
  #guard(stream: number, act: () => void): void {
    try {
      act();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#deps.outbox.send({ type: "reset", stream, code: "protocol", message });
      this.#streams.get(stream)?.abandon();
    }
  }

  #make(port: StreamPort): Stream {
    const { target, kind } = port.head;
    if (target.to === "agent") return new ServiceStream(port, this.#deps.services);
    return kind === "http" ? new HttpStream(port, target.port) : new SocketStream(port, target.port);
  }

  #refusal(
    stream: number,
    { target }: OpenHead,
  ): { code: "protocol" | "too_many" | "refused"; message: string } | undefined {
    if (this.#streams.has(stream)) return { code: "protocol", message: `stream ${stream} is already open` };
    if (this.size >= MAX_STREAMS) return { code: "too_many", message: `${MAX_STREAMS} streams are open` };
    if (target.to === "app" && !this.#deps.portsOf(target.instance).includes(target.port)) {
      return { code: "refused", message: `port ${target.port} does not belong to instance ${target.instance}` };
    }
    return undefined;
  }
}
