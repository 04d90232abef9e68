/** The load's own reader of answers: what it counts is what the figures rest on. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AnswerReader } from "./answer.ts";

/** Feeds an answer in pieces, each in a buffer that is used again, as the connection does. */
function read(answer: string, cuts: number[]): AnswerReader {
  const reader = new AnswerReader();
  const bytes = Buffer.from(answer, "latin1");
  const places = [...new Set([...cuts.map((cut) => cut % bytes.length), bytes.length])].toSorted((a, b) => a - b);
  const shared = Buffer.alloc(bytes.length);
  let from = 0;
  for (const to of places) {
    const size = bytes.copy(shared, 0, from, to);
    const isWhole = size > 0 && reader.feed(shared.subarray(0, size));
    expect(isWhole).toBe(to === bytes.length);
    shared.fill(0);
    from = to;
  }
  return reader;
}

describe("an answer", () => {
  it("is counted alike with a length and in chunks, however it is cut", () => {
    const body = "roundhouse ".repeat(20);
    const chunks = [body.slice(0, 7), body.slice(7, 90), body.slice(90)];
    const chunked = chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join("");
    const answers = [
      `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunked}0\r\n\r\n`,
    ];
    fc.assert(
      fc.property(fc.constantFrom(...answers), fc.array(fc.nat(400)), (answer, cuts) => {
        const { status, bodyBytes, text } = read(answer, cuts);
        expect({ status, bodyBytes, text }).toEqual({ status: 200, bodyBytes: body.length, text: body });
      }),
    );
  });

  it("may have an empty body", () => {
    expect(read("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n", [])).toMatchObject({
      status: 404,
      bodyBytes: 0,
    });
  });

  it("without a length, or with bytes behind its end, is refused", () => {
    expect(() => read("HTTP/1.1 200 OK\r\n\r\n", [])).toThrow("without a length");
    expect(() => read("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab", [])).toThrow("1 bytes follow");
  });
});
