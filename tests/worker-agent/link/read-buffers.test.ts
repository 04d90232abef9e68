import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ReadBuffers } from "../../../worker-agent/src/link/read-buffers.ts";

const LARGE = 64 * 1024;

describe("memory that is read into", () => {
  it("is kept for the next read where little came, which is copied out", () => {
    const buffers = new ReadBuffers();
    const buffer = buffers.take();
    buffer.set([1, 2, 3]);
    const { bytes, next } = buffers.lend(buffer, 3);
    buffer.fill(9, 0, 3);
    expect([...bytes]).toEqual([1, 2, 3]);
    expect(next).toBe(buffer);
  });

  it("is used again once every byte of it was given back, in whatever pieces", () => {
    const buffers = new ReadBuffers();
    const { bytes } = buffers.lend(buffers.take(), LARGE);
    buffers.giveBack(bytes.subarray(10));
    expect(buffers.take().buffer).not.toBe(bytes.buffer);
    buffers.giveBack(bytes.subarray(0, 10));
    expect(buffers.take().buffer).toBe(bytes.buffer);
  });

  it("leaves alone what was never lent", () => {
    const buffers = new ReadBuffers();
    const stranger = Buffer.from("not from here");
    buffers.giveBack(stranger);
    expect(buffers.take().buffer).not.toBe(stranger.buffer);
  });

  it("is never read into while a byte of it is on its way, whatever the order of events", () => {
    const event = fc.record({
      size: fc.integer({ min: 1, max: LARGE * 2 }),
      cut: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), fc.infiniteStream(fc.nat()), (events, order) => {
        const buffers = new ReadBuffers();
        const onTheirWay: { piece: Buffer; value: number }[] = [];
        let buffer = buffers.take();
        for (const [index, { size, cut }] of events.entries()) {
          const value = index % 256;
          buffer.fill(value, 0, size);
          const { bytes, next } = buffers.lend(buffer, size);
          buffer = next;
          const at = Math.floor(size * cut);
          for (const piece of [bytes.subarray(0, at), bytes.subarray(at)]) onTheirWay.push({ piece, value });
          for (let turns = Number(order.next().value) % 4; turns > 0 && onTheirWay.length > 0; turns--) {
            const [sent] = onTheirWay.splice(Number(order.next().value) % onTheirWay.length, 1);
            if (!sent) continue;
            expect(sent.piece.every((byte) => byte === sent.value)).toBe(true);
            buffers.giveBack(sent.piece);
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});
