/** What the client of a feed's socket says: whole messages, one after the other, granted as their reader takes them (SPEC SV5). */

/** What a feed sends and gets: text or binary messages. */
export type FeedMessage = string | Uint8Array;

type Listener = (message: FeedMessage) => void | Promise<void>;
type Part = { text: boolean; more: boolean; bytes: Uint8Array };

/** A person's words are short; a long paste comes in several messages. */
export const MAX_FEED_MESSAGE_BYTES = 1024 * 1024;

export class FeedInbox {
  readonly #taken: (bytes: number) => void;
  readonly #onError: (error: unknown) => void;
  #parts: Uint8Array[] = [];
  #partBytes = 0;
  #listen: (listener: Listener) => void = () => undefined;
  #turn: Promise<Listener | undefined>;

  constructor(taken: (bytes: number) => void, onError: (error: unknown) => void) {
    this.#taken = taken;
    this.#onError = onError;
    this.#turn = new Promise((resolve) => (this.#listen = resolve));
  }

  /** From here on messages are read, those that came before first. A feed that never listens grants its client nothing more. */
  listen(listener: Listener): void {
    this.#listen(listener);
  }

  /** False when a message is too large. */
  push({ text, more, bytes }: Part): boolean {
    this.#partBytes += bytes.length;
    if (this.#partBytes > MAX_FEED_MESSAGE_BYTES) return false;
    this.#parts.push(bytes);
    if (more) this.#taken(bytes.length);
    else this.#deliver(text, bytes.length);
    return true;
  }

  #deliver(text: boolean, lastBytes: number): void {
    const whole = Buffer.concat(this.#parts);
    this.#parts = [];
    this.#partBytes = 0;
    this.#turn = this.#turn.then(async (listener) => {
      try {
        await listener?.(text ? whole.toString() : whole);
      } catch (error) {
        this.#onError(error);
      }
      this.#taken(lastBytes);
      return listener;
    });
  }
}
