/** A request's body as it comes in DATA frames: read no faster than its reader takes it (SPEC ST3, CR4). */
export class RequestBody {
  /** Ends with the peer's END, breaks with {@link fail}. */
  readonly stream: ReadableStream<Uint8Array>;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #unread = 0;

  /** `onTaken` is told of bytes once their reader comes for more. */
  constructor(onTaken: (bytes: number) => void) {
    this.stream = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        // Without a high-water mark this runs only when all that came was read and somebody waits for more.
        pull: () => {
          const bytes = this.#unread;
          this.#unread = 0;
          if (bytes > 0) onTaken(bytes);
        },
        cancel: () => {
          this.#controller = undefined;
        },
      },
      { highWaterMark: 0 },
    );
  }

  push(bytes: Uint8Array): void {
    this.#unread += bytes.length;
    this.#controller?.enqueue(bytes);
  }

  end(): void {
    this.#controller?.close();
    this.#controller = undefined;
  }

  fail(reason: Error): void {
    this.#controller?.error(reason);
    this.#controller = undefined;
  }
}
