import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { matchesPattern } from "@roundhouse/protocol/pattern";
import { decide, judge, type Policy } from "@roundhouse/protocol/policy";
import { readArguments, unknownTool } from "@roundhouse/protocol/tool-arguments";
import { NATIVE_TOOLS, natureOf } from "@roundhouse/protocol/tools";

const OPEN: Policy = { default: "allow", execCommand: true, rules: [] };
const call = (tool: string, args: object = {}) => ({ tool, arguments: { ...args } });

describe("a pattern", () => {
  it("is the text itself, with * for anything", () => {
    for (const [pattern, text] of [
      ["a", "a"],
      ["*", ""],
      ["a*", "a"],
      ["*.txt", "notes.txt"],
      ["models/*/lora*", "models/x/y/lora-1"],
      ["a*a", "aa"],
    ] as const) {
      expect([pattern, text, matchesPattern(pattern, text)]).toEqual([pattern, text, true]);
    }
    for (const [pattern, text] of [
      ["a", "ab"],
      ["", "a"],
      ["a*a", "a"],
      ["*.txt", "notes.txt\n"],
      ["a.c", "abc"],
      ["ab*ba*ab", "abab"],
    ] as const) {
      expect([pattern, text, matchesPattern(pattern, text)]).toEqual([pattern, text, false]);
    }
  });

  it("matches as the regular expression of the same meaning does", () => {
    const letters = fc.string({ unit: fc.constantFrom("a", "b", "*"), maxLength: 8 });
    fc.assert(
      fc.property(letters, fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 10 }), (pattern, text) => {
        expect(matchesPattern(pattern, text)).toBe(new RegExp(`^${pattern.replaceAll("*", ".*")}$`).test(text));
      }),
    );
  });

  it("is quick whatever it is and meets", () => {
    expect(matchesPattern("*a".repeat(500), `${"a".repeat(500_000)}b`)).toBe(false);
  });
});

describe("a policy", () => {
  it("[TC2] decides by its first rule that matches, and says which that was", () => {
    const policy: Policy = {
      default: "ask",
      execCommand: true,
      rules: [
        { tool: "write_file", where: { path: "workspace/*", mode: "append" }, decision: "allow" },
        { tool: "write_*", decision: "deny" },
      ],
    };
    expect(decide(policy, null, call("write_file", { path: "workspace/a", mode: "append" }))).toBe("allow");
    const denied = judge(policy, null, call("write_file", { path: "workspace/a", mode: "replace" }));
    expect(denied).toEqual({
      decision: "deny",
      because: expect.stringContaining('rule 2 of the node\'s policy, for {"tool":"write_*"}'),
    });
    expect(decide(policy, null, call("read_file"))).toBe("ask");
  });

  it("[TC2] can only be narrowed by its ceiling, and execCommand false denies whatever rules say", () => {
    const open: Policy = { ...OPEN, rules: [{ tool: "*", decision: "allow" }] };
    expect(judge(open, { ...OPEN, default: "ask" }, call("read_file"))).toEqual({
      decision: "ask",
      because: expect.stringContaining("the ceiling"),
    });
    expect(decide(open, { ...OPEN, execCommand: false }, call("exec_command"))).toBe("deny");
    expect(decide({ ...open, execCommand: false }, null, call("exec_command"))).toBe("deny");
    expect(decide({ ...OPEN, default: "deny" }, OPEN, call("read_file"))).toBe("deny");
  });
});

describe("[TC4] arguments", () => {
  it("that are wrong are refused with the field, the value, and what to do", () => {
    expect(readArguments("read_file", { file: "x" })).toEqual({
      ok: false,
      message: expect.stringMatching(
        /^path is missing\. A path below .* It knows no "file"\. read_file takes: path, offset\?, limit\?\.$/s,
      ),
    });
    expect(readArguments("write_file", { path: "a", content: 7 })).toMatchObject({
      message: expect.stringContaining("content cannot be 7"),
    });
    expect(readArguments("write_file", { path: "a", content: "", mode: "over" })).toMatchObject({
      message: expect.stringContaining('mode cannot be "over"'),
    });
  });

  it("have their defaults before their nature is asked", () => {
    const read = readArguments("http_request", { instance: "app", path: "/" });
    expect(read).toMatchObject({ ok: true, arguments: { method: "GET" } });
    expect(natureOf("http_request", read.ok ? read.arguments : {})).toBe("read");
    expect(natureOf("http_request", { method: "POST" })).toBe("effect");
  });

  it("of no tool are answered with the nearest name", () => {
    expect(unknownTool("read_fil")).toContain("Did you mean read_file?");
    expect(unknownTool("constructor")).toContain("There is no tool");
    expect(Object.keys(NATIVE_TOOLS).length).toBeGreaterThan(8);
  });
});
