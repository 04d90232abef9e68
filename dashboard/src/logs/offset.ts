/** Which bytes of a log were read, so that over any number of reconnects none is lost and none is shown twice. */

export type Piece = { kind: "bytes"; bytes: Uint8Array } | { kind: "gap"; lostBytes: number };

const CONTINUATION_MASK = 0b1100_0000;
const CONTINUATION_BITS = 0b1000_0000;

export class LogOffset {
  /** Byte offset of the next byte to show; negative before the first answer (then it counts from the end). */
  next: number;
  #incoming: number | null = null;
  #midCharacter = false;

  constructor(start: number) {
    this.next = start;
  }

  /** A socket was opened: nothing is known about it until it says where it begins. */
  reconnect(): void {
    this.#incoming = null;
  }

  /** The server said which byte comes next. Later than expected: the bytes between were rotated away. */
  announce(offset: number): Piece[] {
    this.#incoming = offset;
    const expected = this.next;
    if (offset <= expected) return [];
    this.next = offset;
    // A jump may land inside a UTF-8 character: its tail is of no use.
    this.#midCharacter = offset > 0;
    return expected < 0 ? [] : [{ kind: "gap", lostBytes: offset - expected }];
  }

  /** Bytes in order; what was shown already is left out. */
  receive(bytes: Uint8Array): Piece[] {
    const at = this.#incoming ?? Math.max(0, this.next);
    this.#incoming = at + bytes.length;
    if (this.next < 0) this.next = at;
    const fresh = this.#wholeCharacters(bytes.subarray(Math.min(bytes.length, Math.max(0, this.next - at))));
    this.next = Math.max(this.next, this.#incoming);
    return fresh.length === 0 ? [] : [{ kind: "bytes", bytes: fresh }];
  }

  #wholeCharacters(bytes: Uint8Array): Uint8Array {
    if (!this.#midCharacter || bytes.length === 0) return bytes;
    this.#midCharacter = false;
    let start = 0;
    while (start < Math.min(3, bytes.length) && ((bytes[start] ?? 0) & CONTINUATION_MASK) === CONTINUATION_BITS) {
      start += 1;
    }
    return bytes.subarray(start);
  }
}
