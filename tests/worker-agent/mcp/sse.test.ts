import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hasDoubleKeys } from "../../../worker-agent/src/mcp/json-rpc.ts";
import { EventSplitter, readEvent, TooLargeError, withData } from "../../../worker-agent/src/mcp/sse.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (one: Uint8Array) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(one);

function split(whole: Uint8Array, cuts: readonly number[]): string[] {
  const splitter = new EventSplitter(1000);
  const events: string[] = [];
  let from = 0;
  for (const to of [...cuts, whole.length]) {
    events.push(...splitter.push(whole.subarray(from, to)).map(text));
    from = to;
  }
  return [...events, text(splitter.rest())];
}

const BREAKS = fc.constantFrom("\n", "\r\n", "\r");
const LINE = fc.constantFrom(
  "data: {}",
  'data:{"a":"é🙂"}',
  ": comment",
  "id: 7",
  "retry: 10",
  "event: message",
  "data",
  "odd",
);
const STREAM = fc
  .array(fc.tuple(fc.array(fc.tuple(LINE, BREAKS), { maxLength: 4 }), BREAKS), { maxLength: 4 })
  .map((events) => events.map(([lines, end]) => lines.map((line) => line.join("")).join("") + end).join(""));

describe("a stream of events", () => {
  it("[MC9] is cut into the same events at whatever bytes it comes in pieces, and loses no byte", () => {
    const holds = fc.property(STREAM, fc.array(fc.nat(200), { maxLength: 6 }), (stream, at) => {
      const whole = bytes(stream);
      const cuts = at.filter((cut) => cut <= whole.length).toSorted((one, other) => one - other);
      const events = split(whole, cuts);
      expect(events.join("")).toBe(stream);
      const data = (all: readonly string[]) =>
        all.map((event) => readEvent(bytes(event)).data).filter((one) => one !== "");
      expect(data(events)).toEqual(data(split(whole, [])));
    });
    fc.assert(holds, { numRuns: 500 });
  });

  it.each([
    "data: 1\n\ndata: 2\n\n",
    "data: 1\r\n\r\ndata: 2\r\n\r\n",
    "data: 1\r\rdata: 2\r\r",
    "data: 1\r\n\ndata: 2\n\r\n",
  ])("[MC9] has its two events however it is cut: %j", (stream) => {
    const whole = bytes(stream);
    for (let at = 0; at <= whole.length; at += 1) {
      const events = split(whole, [at]).map((event) => readEvent(bytes(event)).data);
      expect(events.filter((data) => data !== "")).toEqual(["1", "2"]);
    }
  });

  it("[MC10] ends where an event is too large", () => {
    const splitter = new EventSplitter(10);
    expect(splitter.push(bytes("data: 1\n\n"))).toHaveLength(1);
    expect(() => splitter.push(bytes("data: 12345"))).toThrow(TooLargeError);
  });
});

describe("an event", () => {
  it("is read as the standard says", () => {
    expect(readEvent(bytes("﻿event: e\nid: 1\nretry: 20\ndata: a\ndata:b\n: c\n\n"))).toEqual({
      ...{ type: "e", id: "1", retry: 20 },
      data: "a\nb",
    });
  });

  it("keeps its other lines when its data is another, and hides no line from a reader of odd breaks", () => {
    const event = bytes(": hi\u2028data: hidden\nid: 4\ndata: old\nretry: 5\n\n");
    expect(text(withData(event, '{"a":"\u2028"}'))).toBe('id: 4\nretry: 5\ndata: {"a":"\\u2028"}\n\n');
    expect(text(withData(event, undefined))).toBe("id: 4\nretry: 5\n\n");
  });
});

describe("JSON", () => {
  it.each([
    ['{"a":1,"b":{"a":2}}', false],
    ['{"a":1,"a":2}', true],
    ['{"a":1,"\\u0061":2}', true],
    ['[{"a":1},{"a":2}]', false],
    ['{"a":"{\\"b\\":1,\\"b\\":2}"}', false],
    ['{"a":{"b":[{"c":1,"c":2}]}}', true],
    ['{"a":"b","b":"a","c":["a","a"]}', false],
  ])("%s has a key twice: %s", (json, isDouble) => {
    expect(hasDoubleKeys(json)).toBe(isDouble);
  });

  it("as it is written here has no key twice", () => {
    const holds = fc.property(fc.json(), (json) => !hasDoubleKeys(JSON.stringify(JSON.parse(json))));
    fc.assert(holds, { numRuns: 200 });
  });
});
