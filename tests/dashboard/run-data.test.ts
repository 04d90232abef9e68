import { expect, it } from "vitest";
import { readRunData } from "../../dashboard/src/jobs/run-data.ts";

it("any JSON is data, and nothing is none", () => {
  expect(readRunData('{"version": [1, null]}')).toEqual({ data: { version: [1, null] } });
  expect(readRunData(' "a text" ')).toEqual({ data: "a text" });
  expect(readRunData("null")).toEqual({ data: null });
  expect(readRunData(" \n")).toEqual({ data: undefined });
});

it("what is not JSON is told with its place, and how a text is written", () => {
  const read = readRunData("version 2");
  expect(read).toEqual({ problem: expect.stringMatching(/^This is not JSON: .*version.*double quotes\.$/s) });
});
