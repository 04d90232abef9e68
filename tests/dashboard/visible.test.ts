/** A stranger's text shows what cannot be seen in it, and leaves what can alone. */
import { expect, it } from "vitest";
import { hiddenCount, visibleParts, visibleText } from "../../dashboard/src/parts/visible.ts";

it.each([
  ["a mark that turns the reading", "a\u202Eb", "a⟨U+202E⟩b"],
  ["an isolate", "\u2066x\u2069", "⟨U+2066⟩x⟨U+2069⟩"],
  ["what has no width", "pass\u200Bword\uFEFF", "pass⟨U+200B⟩word⟨U+FEFF⟩"],
  ["a control character", "bell\u0007 esc\u001B[31m", "bell⟨U+0007⟩ esc⟨U+001B⟩[31m"],
  ["a carriage return, which would hide what stands before it", "good\rbad", "good⟨U+000D⟩bad"],
  ["tags, which spell a text for models alone", "\u{E0041}\u{E0042}", "⟨U+E0041⟩⟨U+E0042⟩"],
  ["selectors behind a letter, which carry bytes", "a\uFE00\u{E0100}", "a⟨U+FE00⟩⟨U+E0100⟩"],
  ["a soft hyphen and a filler", "so\u00ADft\u3164", "so⟨U+00AD⟩ft⟨U+3164⟩"],
  ["half a character", "x\uD800y", "x⟨U+D800⟩y"],
  ["a line separator", "one\u2028two", "one⟨U+2028⟩two"],
])("%s is shown", (_, text, shown) => {
  expect(visibleText(text)).toBe(shown);
  expect(
    visibleParts(text)
      .map((part) => part.text)
      .join(""),
  ).toBe(shown);
  expect(hiddenCount(text)).toBeGreaterThan(0);
});

it.each([
  "plain, with a tab\tand\nlines",
  "Grüße, 你好, שלום, नमस्ते",
  "an emoji with its selector ❤️ and a family 👩‍💻",
  "<b>markup</b> & entities &amp;",
  "",
])("what is seen anyway stays as it is: %j", (text) => {
  expect(visibleText(text)).toBe(text);
  expect(hiddenCount(text)).toBe(0);
});

it("says which parts stand for something hidden, so that nobody can write one", () => {
  expect(visibleParts("⟨U+202E⟩\u202E.")).toEqual([
    { text: "⟨U+202E⟩", hidden: false },
    { text: "⟨U+202E⟩", hidden: true },
    { text: ".", hidden: false },
  ]);
});

it("a joiner or a selector that stands behind no emoji is shown", () => {
  expect(visibleText("a\u200Db ❤\u200D b\uFE0F")).toBe("a⟨U+200D⟩b ❤⟨U+200D⟩ b⟨U+FE0F⟩");
});
