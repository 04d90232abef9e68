import { describe, expect, it } from "vitest";
import { MAX_RESULT_CHARACTERS } from "@roundhouse/protocol/tool-call";
import { readResult } from "../../../worker-agent/src/mcp/result.ts";

const plain = (text: string) => text;
const read = (result: Record<string, unknown>, redact = plain) => readResult(result, redact);

describe("the result of a tool, as a model reads it,", () => {
  it("is its texts, with words for what is no text", () => {
    const content = [
      { type: "text", text: "one" },
      { type: "image", mimeType: "image/png", data: "A".repeat(16_384) },
      { type: "resource", resource: { uri: "file:///a", text: "two" } },
      { type: "resource", resource: { uri: "file:///b", mimeType: "application/pdf", blob: "AAAA" } },
      { type: "resource_link", uri: "file:///c", name: "c" },
      { type: "dance" },
      null,
    ];
    expect(read({ content, structuredContent: { never: "shown" } })).toEqual({
      ok: true,
      content: [
        "one",
        "(image, image/png, of 12 KiB)",
        "(the resource file:///a:)\ntwo",
        "(the resource file:///b, data, application/pdf, of 3 bytes)",
        "(a link to the resource c file:///c)",
        '(content of the type "dance", which is not shown)',
        "(content of the type unknown, which is not shown)",
      ].join("\n"),
    });
  });

  it("is its structured content where there is no text, and says so where there is nothing", () => {
    expect(read({ content: [], structuredContent: { a: 1 } }).content).toBe('{"a":1}');
    expect(read({ isError: true })).toEqual({ ok: false, content: "(The tool answered without a word.)" });
  });

  it("is cut with words, after secrets were taken out", () => {
    const long = `${"a".repeat(15_000)}SECRET${"😀".repeat(9_000)}`;
    const { content } = read({ content: [{ type: "text", text: long }] }, (text) =>
      text.replaceAll("SECRET", "[secret]"),
    );
    expect(content.length).toBeLessThanOrEqual(MAX_RESULT_CHARACTERS);
    expect(content).toMatch(/… \d+ characters left out: .* its rest is not kept/);
    expect(content.isWellFormed()).toBe(true);
    const [, left] = /… (\d+) characters/.exec(content) ?? [];
    const shown = content.replace(/\n… .* …\n/, "");
    expect(shown.length + Number(left)).toBe(long.length + 2);
  });
});
