/** What the pages of runs and approvals say: traces, calls, diffs, numbers. */
import { describe, expect, it } from "vitest";
import { RunFailure, type Step } from "@roundhouse/protocol/api/run";
import { actorWords, matchesText } from "../../dashboard/src/audit/entry-words.ts";
import { diffLines, diffWords } from "../../dashboard/src/approvals/diff-lines.ts";
import { callWords } from "../../dashboard/src/runs/call-words.ts";
import { FAILURE_WORDS } from "../../dashboard/src/runs/failure-words.ts";
import { formatMoney, formatTokens } from "../../dashboard/src/runs/numbers.ts";
import { durationOf, turnsOf } from "../../dashboard/src/runs/turns.ts";

const time = { startedAt: "2026-01-01T00:00:00.000Z", endedAt: "2026-01-01T00:00:02.500Z" };

describe("a trace", () => {
  const note = (seq: number, turn: number): Step => ({ kind: "note", seq, turn, ...time, text: `note ${seq}` });
  const model = (seq: number, turn: number): Step => ({
    ...{ kind: "model", seq, turn, ...time, status: "succeeded", provider: "p", model: "m", attempts: 1 },
    ...{ usage: null, text: null, error: null },
  });
  const tool = (seq: number, turn: number): Step => ({
    ...{ kind: "tool", seq, turn, ...time, status: "succeeded", callId: `c${seq}`, tool: "read_file", node: null },
    ...{ arguments: {}, result: null, exitCode: null, approval: null },
  });

  it("puts the calls of a turn under it, in their order, whatever order they came in", () => {
    const turns = turnsOf([tool(3, 1), note(0, 0), model(4, 2), tool(2, 1), model(1, 1)]);
    expect(turns.map(({ turn, model: step, parts }) => [turn, step?.seq, parts.map(({ seq }) => seq)])).toEqual([
      [0, undefined, [0]],
      [1, 1, [2, 3]],
      [2, 4, []],
    ]);
  });

  it("times a step up to its end, or up to now", () => {
    expect(durationOf(time, 0)).toBe(2_500);
    expect(durationOf({ ...time, endedAt: null }, Date.parse("2026-01-01T00:00:09Z"))).toBe(9_000);
    expect(durationOf({ ...time, endedAt: null }, 0)).toBe(0);
  });
});

describe("a call in words", () => {
  it("writes a command as a shell would need it", () => {
    const words = callWords("exec_command", { command: "bash", args: ["-c", "echo it's"], timeoutSeconds: 60 });
    expect(words).toEqual({
      line: `bash -c 'echo it'\\''s'`,
      text: null,
      facts: [{ name: "timeoutSeconds", value: "60" }],
    });
  });

  it("shows what is written as text, beside its path", () => {
    expect(callWords("write_file", { path: "workspace/a", content: "x\ny", mode: "append" })).toEqual({
      line: "workspace/a",
      text: { label: "Text to write", content: "x\ny" },
      facts: [{ name: "mode", value: "append" }],
    });
  });

  it("writes a request as its first line", () => {
    const words = callWords("http_request", { method: "POST", instance: "hello", port: 80, path: "/x", body: "b" });
    expect([words.line, words.text?.content]).toEqual(["POST hello:80/x", "b"]);
    expect(callWords("http_request", { instance: "hello", path: "/" }).line).toBe("GET hello/");
  });

  it("names what it does not know by its arguments, and leaves out empty ones", () => {
    expect(callWords("fly", { to: "moon", with: { crew: 3 }, extra: {} })).toEqual({
      line: "",
      text: null,
      facts: [
        { name: "to", value: "moon" },
        { name: "with", value: '{"crew":3}' },
      ],
    });
    expect(callWords("search_files", { path: "models", name: "*.txt", text: "key" }).line).toBe(
      "“key” in *.txt below models",
    );
  });
});

describe("a diff", () => {
  const DIFF = `--- a/report.md
+++ b/report.md
@@ -1,3 +1,3 @@ head
 # Disks
-local 61 %
+local 87 %
+-- a line that begins with signs
\\ No newline at end of file
@@ -10 +11 @@
-gone
`;

  it("knows each line's kind and place, and no file head or end mark is a line", () => {
    expect(diffLines(DIFF).map(({ kind, text, before, after }) => [kind, text, before, after])).toEqual([
      ["place", "Line 1 head", null, null],
      ["same", "# Disks", 1, 1],
      ["removed", "local 61 %", 2, null],
      ["added", "local 87 %", null, 2],
      ["added", "-- a line that begins with signs", null, 3],
      ["place", "Line 11", null, null],
      ["removed", "gone", 10, null],
    ]);
  });

  it("is counted in words", () => {
    expect(diffWords(diffLines(DIFF))).toBe("2 lines added, 2 removed");
    expect(diffWords(diffLines("@@ -0,0 +1 @@\n+a\n"))).toBe("1 line added, 0 removed");
    expect(diffWords([])).toBe("nothing changes");
  });
});

describe("numbers of a run", () => {
  it("writes tokens shortly", () => {
    expect([0, 999, 1_000, 1_234, 99_960, 1_500_000].map(formatTokens)).toEqual([
      "0",
      "999",
      "1 k",
      "1.2 k",
      "100 k",
      "1.5 M",
    ]);
  });

  it("writes money so that something never looks like nothing", () => {
    expect([0, 0.00001, 0.0083, 0.5, 1, 12.345].map(formatMoney)).toEqual([
      "$0",
      "< $0.0001",
      "$0.0083",
      "$0.5",
      "$1.00",
      "$12.35",
    ]);
  });

  it("has words and a remedy for each way to fail", () => {
    expect(Object.keys(FAILURE_WORDS).toSorted()).toEqual(RunFailure.options.toSorted());
  });
});

describe("an entry of the audit log", () => {
  const entry = {
    ...{ id: "au_1", at: time.startedAt, action: "approve", entity: "approval", entityId: "ap_1", entityName: null },
    ...{ actor: { type: "run" as const, id: "rn_1", name: "Check the disks" }, from: null, detail: "write_file" },
  };

  it("is found by words from anywhere in it, and only if all are there", () => {
    expect(actorWords(entry.actor)).toBe("run of Check the disks");
    expect(["", "DISKS write_file", "approve ap_1"].map((text) => matchesText(entry, text))).toEqual([
      true,
      true,
      true,
    ]);
    expect(matchesText(entry, "disks deny")).toBe(false);
  });
});
