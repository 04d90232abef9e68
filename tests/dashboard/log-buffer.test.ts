/** The log that the page keeps: its lines, its bounds, where they stand, and what is found in them. */
import { describe, expect, it } from "vitest";
import { LogBuffer } from "../../dashboard/src/logs/buffer.ts";
import { displayWidth, LogLayout } from "../../dashboard/src/logs/layout.ts";
import { LogSearch } from "../../dashboard/src/logs/search.ts";

const texts = (buffer: LogBuffer): string[] => buffer.lines.map((line) => line.text);
function filled(...chunks: string[]): LogBuffer {
  const buffer = new LogBuffer();
  for (const chunk of chunks) buffer.append(chunk);
  return buffer;
}

describe("LogBuffer", () => {
  it("joins what came in pieces into lines", () => {
    expect(texts(filled("one\ntw", "o\nthr", "ee"))).toEqual(["one", "two", "three"]);
  });

  it("treats CR LF as one line end, and a lone CR as writing over", () => {
    expect(texts(filled("a\r\nb\r\n"))).toEqual(["a", "b", ""]);
    expect(texts(filled("10 %\r50 %", "\r100 %\ndone"))).toEqual(["100 %", "done"]);
  });

  it("keeps a line that only ends in CR until something replaces it", () => {
    expect(texts(filled("progress\r"))).toEqual(["progress"]);
  });

  it("goes on in a new line when one grows beyond its bound", () => {
    expect(texts(filled("x".repeat(9_000))).map((line) => line.length)).toEqual([4_000, 4_000, 1_000]);
  });

  it("drops the oldest lines and keeps counting", () => {
    const buffer = new LogBuffer(10_000);
    for (let number = 0; number < 1_000; number += 1) buffer.append(`line ${number}\n`);
    expect(buffer.lines.length).toBeLessThan(160);
    expect(buffer.line(buffer.end - 2).text).toBe("line 999");
    expect(buffer.line(buffer.first).text).toBe(`line ${buffer.first}`);
  });

  it("bounds empty lines too", () => {
    const buffer = new LogBuffer(10_000);
    buffer.append("\n".repeat(100_000));
    expect(buffer.lines.length).toBeLessThan(200);
  });

  it("puts a note on a line of its own", () => {
    const buffer = filled("half");
    buffer.note("gone");
    buffer.append("rest");
    expect(buffer.lines.map((line) => [line.text, line.note])).toEqual([
      ["half", false],
      ["gone", true],
      ["rest", false],
    ]);
  });
});

describe("LogLayout", () => {
  it("gives every line one row when lines are not wrapped", () => {
    const layout = new LogLayout(null);
    layout.sync(filled(`${"x".repeat(500)}\nb\nc`));
    expect(layout.rows).toBe(3);
    expect(layout.slice(1, 1)).toEqual({ first: 1, last: 2, topRow: 1 });
  });

  it("counts the rows of wrapped lines, also while the last one grows", () => {
    const buffer = filled(`${"x".repeat(25)}\nb`);
    const layout = new LogLayout(10);
    layout.sync(buffer);
    expect(layout.rows).toBe(4);
    buffer.append("b".repeat(10));
    layout.sync(buffer);
    expect(layout.rows).toBe(5);
    expect(layout.rowOf(1)).toBe(3);
    expect(layout.slice(2, 0)).toEqual({ first: 0, last: 0, topRow: 0 });
  });

  it("says how many rows vanished at the top", () => {
    const buffer = new LogBuffer(7_000);
    const layout = new LogLayout(null);
    buffer.append("a\n".repeat(100));
    layout.sync(buffer);
    const before = layout.rows;
    buffer.append("b\n".repeat(50));
    const vanished = layout.sync(buffer);
    expect(vanished).toBe(buffer.first);
    expect(layout.rows).toBe(buffer.lines.length);
    expect(before - vanished + 50).toBe(layout.rows);
  });

  it("stays right when everything it knew is gone", () => {
    const buffer = new LogBuffer(2_000);
    const layout = new LogLayout(null);
    buffer.append("a\n");
    layout.sync(buffer);
    buffer.append("b\n".repeat(5_000));
    layout.sync(buffer);
    expect(layout.rows).toBe(buffer.lines.length);
    expect(layout.slice(0, 2).first).toBe(buffer.first);
  });

  it("knows characters that take two cells, and those that take none", () => {
    expect(displayWidth("日本")).toBe(4);
    expect(displayWidth("🚂")).toBe(2);
    expect(displayWidth("e\u0301")).toBe(1);
  });
});

describe("LogSearch", () => {
  it("finds every place, whatever the case, and goes on as the log grows", () => {
    const buffer = filled("Error: an error\nfine\n");
    const search = new LogSearch("ERROR");
    search.sync(buffer);
    expect(search.matches).toEqual([
      { line: 0, start: 0, length: 5 },
      { line: 0, start: 10, length: 5 },
    ]);
    buffer.append("err");
    search.sync(buffer);
    buffer.append("or\n");
    search.sync(buffer);
    expect(search.matches.map((match) => match.line)).toEqual([0, 0, 2]);
  });

  it("counts a match in the line still being written once", () => {
    const buffer = filled("error");
    const search = new LogSearch("error");
    search.sync(buffer);
    search.sync(buffer);
    buffer.append("\n");
    search.sync(buffer);
    expect(search.matches).toHaveLength(1);
  });

  it("forgets matches in lines that were dropped", () => {
    const buffer = new LogBuffer(3_000);
    const search = new LogSearch("hit");
    buffer.append("hit\n");
    search.sync(buffer);
    buffer.append("miss\n".repeat(200));
    search.sync(buffer);
    expect(search.matches).toEqual([]);
  });

  it("matches nothing with an empty word", () => {
    const search = new LogSearch("");
    search.sync(filled("abc"));
    expect(search.matches).toEqual([]);
  });
});
