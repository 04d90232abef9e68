/** A WebSocket between the client's wish and its socket: the app agrees or refuses, the client may leave (SPEC WS1). */
import type { Frame, ResetCode, ResponseHead } from "@roundhouse/protocol/frames";
import { StreamFault, type StreamPort } from "./http-stream.ts";

/** Status 101 when the app agrees; else its refusal, in its own words. */
export type OfferAnswer = { head: ResponseHead; body: Uint8Array };

export class SocketOffer {
  readonly #port: StreamPort;
  readonly #answer = Promise.withResolvers<OfferAnswer>();
  #phase: "asked" | "agreed" | "over" = "asked";
  #backlog: Frame[] = [];

  constructor(port: StreamPort) {
    this.#port = port;
  }

  /** Rejects with {@link StreamFault} when no answer comes. */
  get answer(): Promise<OfferAnswer> {
    return this.#answer.promise;
  }

  /** Frames that came between the app's 101 and the client's socket. */
  get backlog(): readonly Frame[] {
    return this.#backlog;
  }

  onFrame(frame: Frame): void {
    if (this.#phase === "over") return;
    if (this.#phase === "agreed") return void this.#backlog.push(frame);
    switch (frame.type) {
      case "head":
        return this.#onHead(frame.head);
      case "reply":
        this.#finish();
        return this.#answer.resolve({ head: frame.head, body: frame.body });
      case "reset":
        return this.fail(new StreamFault(frame.code, frame.message));
      case "credit":
        return void this.#backlog.push(frame);
      case "open":
      case "data":
      case "end":
      case "message":
      case "close":
        return this.abort("protocol", `a ${frame.type} frame before the answer to an upgrade`);
    }
  }

  /** Ends the offer from this side; a client's socket that is being made finds its stream gone. */
  abort(code: ResetCode, message: string): void {
    if (this.#phase === "over") return;
    this.#port.send({ type: "reset", stream: this.#port.stream, code, message });
    this.fail(new StreamFault(code, message));
  }

  /** Ends the offer without a word to the agent. */
  fail(fault: StreamFault): void {
    if (this.#phase === "over") return;
    this.#finish();
    this.#answer.reject(fault);
  }

  #onHead(head: ResponseHead): void {
    this.#answer.resolve({ head, body: new Uint8Array() });
    if (head.status === 101) this.#phase = "agreed";
    // A refusal whose body would follow in pieces: its status says enough.
    else this.abort("cancelled", "the upgrade was refused");
  }

  #finish(): void {
    this.#phase = "over";
    this.#port.done();
  }
}
