/** This side of one stream, whatever it carries: its frames, both windows, and its end. */
import { ReceiveWindow } from "@roundhouse/protocol/credits";
import type { Frame, ResetCode } from "@roundhouse/protocol/frames";
import { Sender } from "./sender.ts";
import type { StreamPort } from "./stream.ts";

/** A frame without its stream's number. */
type Said = Frame extends infer F ? (F extends Frame ? Omit<F, "stream"> : never) : never;

export class Side {
  readonly sender: Sender;
  readonly #port: StreamPort;
  readonly #receive: ReceiveWindow;
  #ended = false;

  constructor(port: StreamPort) {
    this.#port = port;
    this.sender = new Sender(port);
    this.#receive = new ReceiveWindow(port.sizes, port.pool);
  }

  get ended(): boolean {
    return this.#ended;
  }

  say(frame: Said): void {
    this.#port.outbox.send({ ...frame, stream: this.#port.stream });
  }

  sayData(pieces: Uint8Array[]): void {
    this.#port.outbox.sendData(this.#port.stream, pieces);
  }

  /** Counts bytes that arrived. False when the peer sent more than it was granted (SPEC CR3). */
  received(bytes: number): boolean {
    return this.#receive.onReceived(bytes);
  }

  /** Counts bytes as taken by the app, and grants anew when that is due (SPEC CR4). */
  taken(bytes: number): void {
    const offset = this.#ended ? undefined : this.#receive.onConsumed(bytes);
    if (offset !== undefined) this.say({ type: "credit", offset });
  }

  /** Tells the peer that the stream is cut short. The caller then ends its own side. */
  sayReset(code: ResetCode, message: string): void {
    this.say({ type: "reset", code, message });
  }

  /** Nothing more is sent or counted. */
  finish(): void {
    this.#ended = true;
    this.sender.end();
    this.#receive.release();
    this.#port.done();
  }
}
