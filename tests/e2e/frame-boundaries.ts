/** Where the frames of a WebSocket begin in a stream of bytes (RFC 6455 §5.2), behind the HTTP upgrade. */

const HEAD_END = Buffer.from("\r\n\r\n");
/** Longest header: two bytes, eight of length, four of mask. */
const MOST_HEADER_BYTES = 14;

/** A frame that begins in the chunk that was read; `start` counts from the chunk's first byte. */
export type FrameStart = { start: number; length: number };

export class FrameBoundaries {
  readonly #onLink: (() => void) | undefined;
  #phase: "http" | "link" = "http";
  #head = Buffer.alloc(0);
  /** Bytes of the current frame that are still to come. */
  #left = 0;
  /** The beginning of a header whose rest is in the next chunk. */
  #pending = Buffer.alloc(0);

  /** `onLink` is called once the upgrade is through. */
  constructor(onLink?: () => void) {
    this.#onLink = onLink;
  }

  get isLink(): boolean {
    return this.#phase === "link";
  }

  /** The frames that begin in this chunk. */
  read(chunk: Buffer): FrameStart[] {
    if (this.#phase === "link") return this.#frames(chunk, 0);
    this.#head = Buffer.concat([this.#head, chunk]).subarray(-64 * 1024);
    const end = this.#head.indexOf(HEAD_END);
    if (end < 0) return [];
    if (!/upgrade: websocket/i.test(this.#head.subarray(0, end).toString("latin1"))) return [];
    this.#phase = "link";
    this.#onLink?.();
    const rest = this.#head.length - end - HEAD_END.length;
    return this.#frames(chunk, chunk.length - rest);
  }

  #frames(chunk: Buffer, from: number): FrameStart[] {
    const found: FrameStart[] = [];
    let at = from;
    while (at < chunk.length) {
      if (this.#left > 0) {
        const passed = Math.min(this.#left, chunk.length - at);
        this.#left -= passed;
        at += passed;
        continue;
      }
      const start = at - this.#pending.length;
      const header = Buffer.concat([this.#pending, chunk.subarray(at, at + MOST_HEADER_BYTES)]);
      const length = frameLength(header);
      if (length === undefined) {
        this.#pending = header;
        return found;
      }
      // A frame whose header began in the chunk before is said to begin with this one.
      found.push({ start: Math.max(0, start), length });
      this.#left = length - this.#pending.length;
      this.#pending = Buffer.alloc(0);
    }
    return found;
  }
}

/** Header and payload together; undefined while the header is not whole. */
function frameLength(header: Buffer): number | undefined {
  if (header.length < 2) return undefined;
  const short = (header[1] ?? 0) & 0x7f;
  const lengthBytes = short === 127 ? 8 : short === 126 ? 2 : 0;
  const maskBytes = (header[1] ?? 0) & 0x80 ? 4 : 0;
  if (header.length < 2 + lengthBytes) return undefined;
  const payload =
    lengthBytes === 8 ? Number(header.readBigUInt64BE(2)) : lengthBytes === 2 ? header.readUInt16BE(2) : short;
  return 2 + lengthBytes + maskBytes + payload;
}
