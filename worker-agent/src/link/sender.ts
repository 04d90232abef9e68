/** Sends the bytes of one stream as fast as credits and the socket allow. */
import { SendWindow } from "@roundhouse/protocol/credits";
import { sizeOf, splitAt } from "./parts.ts";
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
  send(bytes: Uint8Array, emit: (piece: Uint8Array, isLast: boolean) => void): Promise<boolean> {
    return this.sendAll([bytes], ([piece = bytes], isLast) => emit(piece, isLast));
  }

  /** The same for bytes in several parts, which are handed on as they are, as many together as may go now. */
  async sendAll(parts: Uint8Array[], emit: (pieces: Uint8Array[], isLast: boolean) => void): Promise<boolean> {
    let rest = parts;
    let left = sizeOf(parts);
    do {
      while (!this.#ended && left > 0 && this.#window.available === 0) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
      // Last, so that whoever is given room uses it.
      await this.#port.outbox.room();
      if (this.#ended) return false;
      const size = Math.min(left, this.#window.available, this.#port.dataFrameBytes);
      this.#window.take(size);
      const [pieces, after] = splitAt(rest, size);
      left -= size;
      emit(pieces, left === 0);
      rest = after;
    } while (left > 0);
    return true;
  }

  #resume(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}
