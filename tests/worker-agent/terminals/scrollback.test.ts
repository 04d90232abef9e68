import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Scrollback } from "../../../worker-agent/src/terminals/scrollback.ts";

describe("[TM3] a scrollback", () => {
  it("is the end of all that was written, by offsets that count on", () => {
    const pieces = fc.array(fc.uint8Array({ minLength: 0, maxLength: 40 }), { maxLength: 40 });
    fc.assert(
      fc.property(pieces, fc.integer({ min: 1, max: 64 }), fc.nat(2000), fc.nat(100), (all, size, offset, most) => {
        const scrollback = new Scrollback(size);
        for (const piece of all) scrollback.append(piece);
        const whole = Buffer.concat(all);
        expect([scrollback.end, scrollback.start]).toEqual([whole.length, Math.max(0, whole.length - size)]);
        const read = scrollback.read(offset, most);
        expect(Buffer.from(read.bytes)).toEqual(whole.subarray(read.offset, read.offset + most));
        if (offset >= scrollback.start) expect(read.offset).toBe(Math.min(offset, whole.length));
        else expect(read.offset === scrollback.start || whole[read.offset - 1] === 10).toBe(true);
      }),
    );
  });
});
