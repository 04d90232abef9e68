/** Whether what arrived is what was sent: all of it, or the beginning of it, and never another byte. */
import { expect } from "vitest";
import { message } from "./plan.ts";

type Message = { text: boolean; bytes: Uint8Array };

export function expectPrefix(part: Uint8Array, whole: Uint8Array, what: string): void {
  const isExact = part.length <= whole.length && part.every((byte, at) => byte === whole[at]);
  expect(isExact, `${what}: ${part.length} of ${whole.length} bytes`).toBe(true);
}

export function expectMessages(got: Message[], sizes: number[], index: number, direction: "up" | "down"): void {
  expect(got.length).toBeLessThanOrEqual(sizes.length);
  for (const [at, { text, bytes }] of got.entries()) {
    const sent = message(index, direction, at, sizes[at]!);
    expect([text, bytes.length]).toEqual([sent.text, sent.bytes.length]);
    expectPrefix(bytes, sent.bytes, `message ${at}`);
  }
}
