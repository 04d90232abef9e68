/** A stream of server-sent events to one client, whom nobody waits for. */
import { messageEvent } from "./sse.ts";

/** What a client that does not read may leave lying. */
const MAX_QUEUED_BYTES = 16 * 1024 * 1024;

const HEADERS = {
  "content-type": "text/event-stream",
  "cache-control": "no-cache, no-transform",
  "x-accel-buffering": "no",
};

export class Outlet {
  readonly #body: ReadableStream<Uint8Array>;
  readonly #onClosed: () => void;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;

  /** It is closed by us, or when its client goes away. */
  constructor(signal: AbortSignal, onClosed: () => void) {
    this.#onClosed = onClosed;
    const strategy = new ByteLengthQueuingStrategy({ highWaterMark: MAX_QUEUED_BYTES });
    const start = (controller: ReadableStreamDefaultController<Uint8Array>) => {
      this.#controller = controller;
    };
    this.#body = new ReadableStream({ start, cancel: () => this.#closed() }, strategy);
    if (signal.aborted) this.close();
    else signal.addEventListener("abort", () => this.close(), { once: true });
  }

  get isOpen(): boolean {
    return this.#controller !== undefined;
  }

  response(headers: Record<string, string>): Response {
    return new Response(this.#body, { headers: { ...HEADERS, ...headers } });
  }

  send(json: string): void {
    const controller = this.#controller;
    if (!controller) return;
    controller.enqueue(messageEvent(json));
    if ((controller.desiredSize ?? 0) >= 0) return;
    controller.error(new Error("its client reads too slowly"));
    this.#closed();
  }

  close(): void {
    if (!this.#controller) return;
    this.#controller.close();
    this.#closed();
  }

  #closed(): void {
    this.#controller = undefined;
    this.#onClosed();
  }
}
