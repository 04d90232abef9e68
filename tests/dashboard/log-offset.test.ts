/** Over any number of reconnects no byte of a log is lost and none is shown twice. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LogOffset, type Piece } from "../../dashboard/src/logs/offset.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (pieces: Piece[]): string =>
  pieces
    .map((piece) => (piece.kind === "bytes" ? new TextDecoder().decode(piece.bytes) : `[${piece.lostBytes}]`))
    .join("");

describe("LogOffset", () => {
  it("begins at the end of what the server has", () => {
    const offset = new LogOffset(-100);
    offset.announce(900);
    expect(decode(offset.receive(encode("abc")))).toBe("abc");
    expect(offset.next).toBe(903);
  });

  it("asks for the next byte after a reconnect, and skips what comes again", () => {
    const offset = new LogOffset(0);
    offset.announce(0);
    offset.receive(encode("hello "));
    offset.reconnect();
    expect(offset.next).toBe(6);
    offset.announce(3);
    expect(decode(offset.receive(encode("lo world")))).toBe("world");
    expect(offset.next).toBe(11);
  });

  it("tells of a gap when older text was rotated away", () => {
    const offset = new LogOffset(0);
    offset.announce(0);
    offset.receive(encode("hello"));
    expect(decode(offset.announce(25))).toBe("[20]");
    expect(decode(offset.receive(encode("later")))).toBe("later");
    expect(offset.next).toBe(30);
  });

  it("drops the tail of a character that a jump cut in two", () => {
    const offset = new LogOffset(-4);
    offset.announce(2);
    expect(decode(offset.receive(encode("🚂ok").subarray(2)))).toBe("ok");
  });

  it("shows the whole log exactly once, wherever links break and however far servers go back", () => {
    const breaks = fc.array(
      fc.record({ back: fc.nat(20), sizes: fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 6 }) }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), breaks, (log, links) => {
        const offset = new LogOffset(0);
        const shown: number[] = [];
        for (const { back, sizes } of [...links, { back: 0, sizes: [log.length + 1] }]) {
          offset.reconnect();
          let at = Math.max(0, offset.next - back);
          offset.announce(at);
          for (const size of sizes) {
            const bytes = log.subarray(at, at + size);
            at += bytes.length;
            for (const piece of offset.receive(bytes)) if (piece.kind === "bytes") shown.push(...piece.bytes);
          }
        }
        expect(shown).toEqual([...log]);
      }),
    );
  });
});
