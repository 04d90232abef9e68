/** Sends the bytes of one stream as fast as credits and the socket allow. */
import { SendWindow } from "@roundhouse/protocol/credits";
import type { StreamPort } from "./stream.ts";

export class Sender {
  readonly #port: StreamPort;
  readonly #window: SendWindow;
  #wake: (() => void) | undefined;
  #ended = false;

  constructor(port: StreamPort) {
    this.#port = port;
    this.#window = new SendWindow(port.sizes.initialBytes);
  }

  grant(offset: number): void {
    this.#window.grant(offset);
    this.#resume();
  }

  /** Lets {@link send} give up. */
  end(): void {
    this.#ended = true;
    this.#resume();
  }

  /** Cuts `bytes` into pieces that may go now and hands each to `emit`. False when the stream ended on the way. */
  async send(bytes: Uint8Array, emit: (piece: Uint8Array, isLast: boolean) => void): Promise<boolean> {
    let rest = bytes;
    do {
      while (!this.#ended && rest.length > 0 && this.#window.available === 0) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
      // Last, so that whoever is given room uses it.
      await this.#port.outbox.room();
      if (this.#ended) return false;
      const size = Math.min(rest.length, this.#window.available, this.#port.dataFrameBytes);
      this.#window.take(size);
      emit(rest.subarray(0, size), size === rest.length);
      rest = rest.subarray(size);
    } while (rest.length > 0);
    return true;
  }

  #resume(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}
