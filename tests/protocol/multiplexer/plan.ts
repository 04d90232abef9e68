/** What happens on the streams of one run, drawn at random: who sends how much in which pieces, and how each one ends. */
import fc from "fast-check";

/** How a stream is to end; by what a plan says no more than one side breaks off. */
export type Ending = "whole" | "client leaves" | "app breaks off";

export type StreamPlan = {
  kind: "http" | "socket";
  /** Sizes of what the client sends: pieces of a request body, or messages. */
  up: number[];
  /** Sizes of what the app sends. */
  down: number[];
  ending: Ending;
  /** After how many steps of the side that breaks off. */
  endsAfter: number;
  /** An app that answers an upgrade with a refusal, or a request before it read its body. */
  isHasty: boolean;
};

export type Plan = {
  /** Chooses who goes next. */
  seed: number;
  streams: StreamPlan[];
  /** The link is lost behind this many frames, of both directions together. */
  lostAfter: number | null;
};

/** Small, so that every run meets the ends of windows often. */
export const SMALL_TUNING = {
  heartbeatIntervalMs: 60_000,
  heartbeatTimeoutMs: 60_000,
  initialWindowBytes: 1_024,
  maxWindowBytes: 8_192,
  // Just enough that one stream can grow to the full: whoever reaches that proves that nothing is missing.
  windowPoolBytes: 7_168,
  dataFrameBytes: 3_000,
} as const;

const sizes = fc.array(fc.oneof(fc.nat(40), fc.nat(3_000), fc.nat(12_000)), { maxLength: 6 });
const stream: fc.Arbitrary<StreamPlan> = fc.record({
  kind: fc.constantFrom("http" as const, "socket" as const),
  up: sizes,
  down: sizes,
  ending: fc.oneof(
    { weight: 3, arbitrary: fc.constant("whole" as const) },
    { weight: 1, arbitrary: fc.constantFrom("client leaves" as const, "app breaks off" as const) },
  ),
  endsAfter: fc.nat(8),
  isHasty: fc.boolean(),
});

export const plan: fc.Arbitrary<Plan> = fc.record({
  seed: fc.nat(),
  streams: fc.array(stream, { minLength: 1, maxLength: 6 }),
  lostAfter: fc.option(fc.nat(150), { freq: 4, nil: null }),
});

/** The byte at an offset of one direction of one stream: no two places look alike for long. */
export function content(stream: number, direction: "up" | "down", from: number, size: number): Uint8Array<ArrayBuffer> {
  const salt = stream * 17 + (direction === "up" ? 5 : 11);
  return new Uint8Array(size).map((_, index) => {
    const at = from + index;
    return (at ^ (at >>> 8) ^ (at >>> 16)) * 31 + salt;
  });
}

/** Message number `index` of a WebSocket: every other one is text. */
export function message(
  stream: number,
  direction: "up" | "down",
  index: number,
  size: number,
): { text: boolean; bytes: Uint8Array<ArrayBuffer> } {
  const bytes = content(stream, direction, index * 1_000_003, size);
  const text = index % 2 === 0;
  return { text, bytes: text ? bytes.map((byte) => 0x20 + (byte % 0x5f)) : bytes };
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
