/** The frame codec: every frame round-trips, every mutilated frame is refused with a code, never a crash. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeFrame, encodeFrame, type Frame, FrameError, ResetCode } from "@roundhouse/protocol/frames";
import { MAX_LINK_MESSAGE_BYTES } from "@roundhouse/protocol/limits";

const stream = fc.integer({ min: 1, max: 0xffff_ffff });
const bytes = fc.uint8Array({ maxLength: 2_000 });
// Lone surrogates have no UTF-8: JSON and TextEncoder would change them.
const text = fc.string({ unit: "grapheme", maxLength: 60 });
const headers = fc.array(fc.tuple(text, text), { maxLength: 8 });
const responseHead = fc.record({ status: fc.integer({ min: 100, max: 599 }), headers });
const target = fc.oneof(
  fc.record({ to: fc.constant("app" as const), instance: text, port: fc.integer({ min: 1, max: 65535 }) }),
  fc.record({ to: fc.constant("agent" as const) }),
);
const openHead = fc.record({
  kind: fc.constantFrom("http" as const, "websocket" as const),
  target,
  method: text,
  path: text.map((path) => `/${path}`),
  headers,
  hasBody: fc.boolean(),
});
const reason = text.filter((candidate) => new TextEncoder().encode(candidate).length <= 123);

const frame: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({ type: fc.constant("open" as const), stream, head: openHead }),
  fc.record({ type: fc.constant("head" as const), stream, head: responseHead }),
  fc.record({ type: fc.constant("reply" as const), stream, head: responseHead, body: bytes }),
  fc.record({ type: fc.constant("data" as const), stream, bytes }),
  fc.record({ type: fc.constant("end" as const), stream }),
  fc.record({
    type: fc.constant("reset" as const),
    stream,
    code: fc.constantFrom(...ResetCode.options),
    message: text,
  }),
  fc.record({ type: fc.constant("credit" as const), stream, offset: fc.maxSafeNat() }),
  fc.record({ type: fc.constant("message" as const), stream, text: fc.boolean(), more: fc.boolean(), bytes }),
  fc.record({ type: fc.constant("close" as const), stream, code: fc.integer({ min: 0, max: 0xffff }), reason }),
);

/** Decodes, or answers the code of the refusal; anything but a FrameError fails the test. */
function decodeOrCode(input: Uint8Array): Frame | string {
  try {
    return decodeFrame(input);
  } catch (error) {
    if (error instanceof FrameError) return error.code;
    throw error;
  }
}

describe("frame codec", () => {
  it("[FR1] [FR2] every frame round-trips", () => {
    fc.assert(
      fc.property(frame, (sent) => {
        expect(decodeFrame(encodeFrame(sent))).toEqual(sent);
      }),
      { numRuns: 2_000 },
    );
  });

  it("[FR1] a frame is read from anywhere inside a larger buffer", () => {
    fc.assert(
      fc.property(frame, fc.nat({ max: 40 }), (sent, before) => {
        const encoded = encodeFrame(sent);
        const buffer = new Uint8Array(before + encoded.length + 7);
        buffer.set(encoded, before);
        expect(decodeFrame(buffer.subarray(before, before + encoded.length))).toEqual(sent);
      }),
    );
  });

  it("[FR8] every cut, flipped or grown frame decodes or is refused with a code", () => {
    const mutation = fc.oneof(
      fc.record({ how: fc.constant("cut" as const), at: fc.nat() }),
      fc.record({ how: fc.constant("flip" as const), at: fc.nat(), bit: fc.nat({ max: 7 }) }),
      fc.record({ how: fc.constant("grow" as const), tail: fc.uint8Array({ minLength: 1, maxLength: 20 }) }),
    );
    fc.assert(
      fc.property(frame, mutation, (sent, change) => {
        const encoded = encodeFrame(sent);
        const result = decodeOrCode(mutilate(encoded, change));
        expect(typeof result === "string" || typeof result.type === "string").toBe(true);
      }),
      { numRuns: 3_000 },
    );
  });

  it("[FR8] random bytes decode or are refused with a code", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (input) => {
        const result = decodeOrCode(input);
        if (typeof result !== "string") expect(decodeFrame(encodeFrame(result))).toEqual(result);
      }),
      { numRuns: 3_000 },
    );
  });

  it("[FR8] each kind of damage has its own code", () => {
    const header = (type: number, id: number): number[] => [
      type,
      ...new Uint8Array(new Uint32Array([id]).buffer).toReversed(),
    ];
    const json = (value: unknown): number[] => [...new TextEncoder().encode(JSON.stringify(value))];
    expect(decodeOrCode(Uint8Array.of(1, 0, 0))).toBe("too_short");
    expect(decodeOrCode(new Uint8Array(MAX_LINK_MESSAGE_BYTES + 1))).toBe("too_long");
    expect(decodeOrCode(Uint8Array.from(header(5, 0)))).toBe("bad_value");
    expect(decodeOrCode(Uint8Array.from(header(99, 1)))).toBe("unknown_type");
    expect(decodeOrCode(Uint8Array.from([...header(5, 1), 1]))).toBe("bad_length");
    expect(decodeOrCode(Uint8Array.from([...header(2, 1), 0x7b]))).toBe("bad_json");
    expect(decodeOrCode(Uint8Array.from([...header(2, 1), ...json({ status: 42, headers: [] })]))).toBe("bad_value");
    expect(decodeOrCode(Uint8Array.from([...header(2, 1), 0xff, 0xfe]))).toBe("bad_value");
    expect(decodeOrCode(Uint8Array.from([...header(3, 1), 0, 0, 0, 9, 0]))).toBe("bad_length");
    expect(decodeOrCode(Uint8Array.from([...header(7, 1), 255, 255, 255, 255, 255, 255, 255, 255]))).toBe("bad_value");
    expect(decodeOrCode(Uint8Array.from([...header(8, 1), 8]))).toBe("bad_value");
    expect(decodeOrCode(Uint8Array.from([...header(9, 1), 1]))).toBe("bad_length");
  });

  it("[FR1] [FR4] [FR6] a sender is told before it sends what a peer would refuse", () => {
    const tooLong = new Uint8Array(MAX_LINK_MESSAGE_BYTES);
    expect(() => encodeFrame({ type: "data", stream: 1, bytes: tooLong })).toThrow(FrameError);
    expect(() => encodeFrame({ type: "end", stream: 0 })).toThrow(FrameError);
    expect(() => encodeFrame({ type: "credit", stream: 1, offset: -1 })).toThrow(FrameError);
    const headers: [string, string][] = [["x", "y".repeat(300_000)]];
    expect(() => encodeFrame({ type: "head", stream: 1, head: { status: 200, headers } })).toThrow(FrameError);
  });

  it("[VS3] unknown keys in a head are tolerated", () => {
    const payload = new TextEncoder().encode(JSON.stringify({ status: 200, headers: [], later: true }));
    expect(decodeFrame(Uint8Array.from([2, 0, 0, 0, 1, ...payload]))).toEqual({
      type: "head",
      stream: 1,
      head: { status: 200, headers: [] },
    });
  });
});

type Mutation =
  | { how: "cut"; at: number }
  | { how: "flip"; at: number; bit: number }
  | { how: "grow"; tail: Uint8Array };

function mutilate(encoded: Uint8Array, change: Mutation): Uint8Array {
  if (change.how === "cut") return encoded.slice(0, change.at % encoded.length);
  if (change.how === "grow") return Uint8Array.from([...encoded, ...change.tail]);
  const flipped = encoded.slice();
  const at = change.at % flipped.length;
  flipped[at] = (flipped[at] ?? 0) ^ (1 << change.bit);
  return flipped;
}
