import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makeRedactor } from "@roundhouse/protocol/redact";

const MARK = "[secret]";
const value = fc.string({ unit: "grapheme", minLength: 8, maxLength: 40 }).filter((text) => !text.includes(MARK));
const around = fc.string({ unit: "grapheme", maxLength: 20 });

const base64 = (text: string) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
const base64url = (text: string) => base64(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const json = (text: string) => JSON.stringify(text).slice(1, -1);
const FORMS: [name: string, write: (text: string) => string][] = [
  ["as it is", (text) => text],
  ["in JSON", json],
  ["in JSON within JSON", (text) => json(json(text))],
  ["in JSON beyond ASCII", (text) => json(text).replaceAll(/[^\x20-\x7e]/g, (unit) => escape(unit))],
  ["in base64", base64],
  ["in base64url", base64url],
  ["percent-encoded", (text) => encodeURIComponent(text)],
  [
    "percent-encoded in lower case",
    (text) => encodeURIComponent(text).replaceAll(/%../g, (code) => code.toLowerCase()),
  ],
  ["in a form", (text) => new URLSearchParams({ "": text }).toString().slice(1)],
];
const escape = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;

describe("a redactor", () => {
  it.each(FORMS)("takes every value out that stands in a text %s", (_name, write) => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 4 }), around, around, (values, before, after) => {
        const text = values.map((one) => before + write(one)).join("\n") + after;
        const redacted = makeRedactor(values)(text);
        for (const one of values) expect(redacted).not.toContain(write(one));
        expect(redacted).toContain(MARK);
      }),
    );
  });

  it("takes a value out of longer text that was encoded whole", () => {
    fc.assert(
      fc.property(value, around, around, (secret, before, after) => {
        const whole = base64(`${before}${secret}${after}`);
        const left = makeRedactor([secret])(whole).split(MARK);
        expect(left.length).toBeGreaterThan(1);
        // At most a character at either edge holds some bits of the secret and some of its neighbour.
        const [front = "", back = ""] = [left[0], left.at(-1)];
        const hidden = whole.length - front.length - back.length;
        expect(hidden).toBeGreaterThanOrEqual(Math.floor((new TextEncoder().encode(secret).length * 8) / 6) - 2);
      }),
    );
  });

  it("leaves alone what holds no secret", () => {
    fc.assert(
      fc.property(fc.array(value), fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 7 }), (values, text) => {
        expect(makeRedactor(values)(text)).toBe(text);
      }),
    );
  });

  it("leaves nothing of values that overlap, or of which one is the beginning of another", () => {
    const redact = makeRedactor(["abcdefgh", "efghijklmnop", "abcdefghXY"]);
    expect(redact("-abcdefghijklmnop-")).toBe(`-${MARK}-`);
    expect(redact("-abcdefghXY-")).toBe(`-${MARK}-`);
    expect(redact("abcdefghabcdefgh")).toBe(MARK + MARK);
  });

  it("without values, or with an empty one, changes nothing", () => {
    expect(makeRedactor([])("text")).toBe("text");
    expect(makeRedactor([""])("text")).toBe("text");
  });
});
