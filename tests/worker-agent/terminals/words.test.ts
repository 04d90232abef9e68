/** What somebody types is never lost because it looks like one of our messages, and never kills the terminal. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hear } from "../../../worker-agent/src/terminals/words.ts";

const OURS = /"type"\s*:\s*"(?:input|resize|ack|close)"/;

const typed = (text: string) => {
  const heard = hear(text);
  return heard.type === "input" ? Buffer.from(heard.bytes).toString() : heard.type;
};

describe("[TM4] a message of a terminal's client", () => {
  it.each([
    ["42", "null", "true", '"resize"', "[]", '[{"type":"resize","rows":1,"cols":1}]'],
    ["{", "{}", '{"type"', '{"type":"resize"', '{"rows":24,"cols":80}', "{ echo hi; }"],
    ['{"type":null}', '{"type":"resized","rows":24,"cols":80}', '{"Type":"resize"}', '{"type":["resize"]}'],
    [' {"type":"resize","rows":24,"cols":80}', '{"type":"resize","rows":24,"cols":80} x'],
  ])("that is none of ours is typed: %s …", (...texts) => {
    expect(texts.map(typed)).toEqual(texts);
  });

  it("is a resize with AiKore's keys in any order", () => {
    expect(hear('{"rows":24,"type":"resize","cols":80}')).toEqual({ type: "resize", rows: 24, cols: 80 });
    expect(hear('{"type":"resize","rows":24,"cols":80}\n')).toEqual({ type: "resize", rows: 24, cols: 80 });
  });

  it("that is a resize of no size changes nothing and is not typed", () => {
    for (const size of ['"rows":0,"cols":80', '"rows":24', '"rows":"24","cols":80', '"rows":1e9,"cols":80']) {
      expect(hear(`{"type":"resize",${size}}`)).toEqual({ type: "nothing" });
    }
  });

  it("is typed whole, whatever it is, unless it names a message of ours", () => {
    const text = fc.oneof(fc.string({ unit: "grapheme" }), fc.json());
    const isTypedWhole = (words: string) => {
      fc.pre(!OURS.test(words));
      expect(typed(words)).toBe(words);
    };
    fc.assert(fc.property(text, isTypedWhole));
  });
});
