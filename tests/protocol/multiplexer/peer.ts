/** A model of one end of a stream by the rules CR1–CR5 alone: what it may send, what it allowed, what it got. */
import type { Frame } from "@roundhouse/protocol/frames";
import type { Random } from "../../chaos/random.ts";
import { SMALL_TUNING } from "./plan.ts";
import type { Turns } from "./turns.ts";

const { initialWindowBytes, maxWindowBytes, dataFrameBytes } = SMALL_TUNING;

/** What both ends do with a stream, but for its number. */
export type Said = Frame extends infer F ? (F extends Frame ? Omit<F, "stream"> : never) : never;

export class ModelEnd {
  readonly #turns: Turns;
  readonly #say: (frame: Said) => void;
  #sent = 0;
  #limit: number = initialWindowBytes;
  #received = 0;
  #granted: number = initialWindowBytes;
  isOver = false;

  constructor(turns: Turns, say: (frame: Said) => void) {
    this.#turns = turns;
    this.#say = say;
  }

  /** What the peer allows beyond what was sent. */
  get window(): number {
    return this.#limit - this.#sent;
  }

  say(frame: Said): void {
    if (!this.isOver) this.#say(frame);
  }

  /** Takes note of the peer's frame as far as credits go. Throws what breaks a rule. */
  take(frame: Frame): void {
    if (frame.type === "credit") return this.#onCredit(frame.offset);
    if (frame.type !== "data" && frame.type !== "message") return;
    this.#received += frame.bytes.length;
    if (frame.bytes.length > dataFrameBytes) throw new Error(`a frame of ${frame.bytes.length} bytes`);
    if (this.#received > this.#granted) throw new Error(`[CR1] ${this.#received} bytes with ${this.#granted} granted`);
  }

  /** Grants as it likes, as long as the stream lives: sometimes again, sometimes less than before, which changes nothing. */
  async grantNowAndThen(): Promise<void> {
    while (!this.isOver) {
      await this.#turns.some(8);
      const ahead = this.#turns.random.below(maxWindowBytes);
      const isRepeated = this.#turns.random.below(5) === 0;
      const offset = isRepeated ? Math.floor(this.#granted / 2) : Math.max(this.#granted, this.#received + ahead);
      this.#granted = Math.max(this.#granted, offset);
      this.say({ type: "credit", offset });
    }
  }

  /** Sends bytes in pieces of any size that credits allow. False when the stream ended on the way. */
  async send(bytes: Uint8Array, frame: (piece: Uint8Array, more: boolean) => Said): Promise<boolean> {
    let rest = bytes;
    do {
      await this.#turns.next();
      if (this.isOver) return false;
      if (rest.length > 0 && this.window <= 0) continue;
      const size = Math.min(rest.length, pieceSize(this.#turns.random, Math.min(this.window, dataFrameBytes)));
      this.#sent += size;
      this.say(frame(rest.subarray(0, size), size < rest.length));
      rest = rest.subarray(size);
      if (rest.length === 0) return true;
    } while (!this.isOver);
    return false;
  }

  #onCredit(offset: number): void {
    if (offset - this.#sent > maxWindowBytes) throw new Error(`[CR5] ${offset} granted with ${this.#sent} sent`);
    this.#limit = Math.max(this.#limit, offset);
  }
}

function pieceSize(random: Random, most: number): number {
  return random.below(3) === 0 ? most : 1 + random.below(most);
}
