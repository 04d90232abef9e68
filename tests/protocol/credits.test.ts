/** Cumulative credits: no sequence of sends, reads and repeated grants makes either side exceed what was granted. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ReceiveWindow, SendWindow, WindowPool } from "@roundhouse/protocol/credits";

const sizes = { initialBytes: 1_000, maxBytes: 8_000 };

describe("credits", () => {
  it("[CR1] [CR4] a sender that waits for credit is never stuck and never over", () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant("send" as const), bytes: fc.integer({ min: 1, max: 5_000 }) }),
      fc.record({ do: fc.constant("read" as const), bytes: fc.integer({ min: 1, max: 5_000 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const sender = new SendWindow(sizes.initialBytes);
        const receiver = new ReceiveWindow(sizes, new WindowPool(100_000));
        for (const next of steps) {
          if (next.do === "send") {
            const bytes = Math.min(next.bytes, sender.available);
            sender.take(bytes);
            expect(receiver.onReceived(bytes)).toBe(true);
          } else {
            const grant = receiver.onConsumed(Math.min(next.bytes, receiver.buffered));
            if (grant !== undefined) sender.grant(grant);
          }
          expect(receiver.buffered).toBeLessThanOrEqual(sizes.maxBytes);
        }
        const grant = receiver.onConsumed(receiver.buffered);
        if (grant !== undefined) sender.grant(grant);
        expect(sender.available).toBeGreaterThan(0);
      }),
    );
  });

  it("[CR2] grants that come twice, late or out of order change nothing", () => {
    const window = new SendWindow(100);
    window.take(100);
    window.grant(300);
    window.grant(200);
    window.grant(300);
    expect(window.available).toBe(200);
  });

  it("[CR3] more bytes than were granted are noticed", () => {
    const receiver = new ReceiveWindow(sizes, new WindowPool(0));
    expect(receiver.onReceived(1_000)).toBe(true);
    expect(receiver.onReceived(1)).toBe(false);
  });

  it("[CR4] a grant waits until half the window was read, and never lets more wait than the window holds", () => {
    const receiver = new ReceiveWindow(sizes, new WindowPool(0));
    receiver.onReceived(1_000);
    expect(receiver.onConsumed(499)).toBeUndefined();
    expect(receiver.onConsumed(1)).toBe(1_500);
    receiver.onReceived(500);
    expect(receiver.buffered).toBe(1_000);
    expect(receiver.onConsumed(499)).toBeUndefined();
    expect(receiver.onConsumed(501)).toBe(2_500);
  });

  it("[CR5] windows grow out of one pool and give it back", () => {
    const pool = new WindowPool(1_000);
    const first = new ReceiveWindow(sizes, pool);
    first.onReceived(1_000);
    expect(first.onConsumed(1_000)).toBe(3_000);
    const second = new ReceiveWindow(sizes, pool);
    second.onReceived(1_000);
    expect(second.onConsumed(1_000)).toBe(2_000);
    first.release();
    second.onReceived(1_000);
    expect(second.onConsumed(1_000)).toBe(4_000);
  });

  it("[WS5] counts continue after hibernation", () => {
    const receiver = new ReceiveWindow(sizes, new WindowPool(0), 5_000, 6_000);
    expect(receiver.onReceived(1_000)).toBe(true);
    expect(receiver.onConsumed(1_000)).toBe(7_000);
    const sender = new SendWindow(6_000, 5_500);
    expect(sender.available).toBe(500);
  });
});
