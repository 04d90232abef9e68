/** The dashboard's small pure modules. */
import { describe, expect, it } from "vitest";
import type { Stats } from "@roundhouse/protocol/facts";
import { ApiError } from "../../dashboard/src/api/errors.ts";
import { fieldErrors, formError } from "../../dashboard/src/api/field-errors.ts";
import { suggestName } from "../../dashboard/src/catalogue/suggest-name.ts";
import { backoffMs } from "../../dashboard/src/live/backoff.ts";
import { chartSpan, mergeSamples, thinned } from "../../dashboard/src/stats/history.ts";
import {
  formatBytes,
  formatBytesOf,
  formatDuration,
  formatRelative,
  plural,
} from "../../dashboard/src/parts/format.ts";
import { nextPath, signInPath } from "../../dashboard/src/sign-in/next.ts";

describe("back-off", () => {
  it("doubles, is capped, and is spread over the upper half", () => {
    expect(backoffMs(0, () => 0)).toBe(250);
    expect(backoffMs(0, () => 1)).toBe(500);
    expect(backoffMs(3, () => 1)).toBe(4_000);
    expect(backoffMs(1_000, () => 1)).toBe(15_000);
  });
});

describe("numbers", () => {
  it("writes bytes with at most three digits", () => {
    expect([0, 999, 1024, 1536, 1024 ** 2 * 381.4, 1024 ** 3 * 24, 1024 ** 4 * 1.75].map(formatBytes)).toEqual([
      "0 B",
      "999 B",
      "1 KiB",
      "1.5 KiB",
      "381 MiB",
      "24 GiB",
      "1.8 TiB",
    ]);
    expect(formatBytes(1023.9 * 1024)).toBe("1 MiB");
  });

  it("writes a part in the unit of the whole", () => {
    expect(formatBytesOf(1024 ** 3 * 0.5, 1024 ** 3 * 24)).toBe("0.5 / 24 GiB");
  });

  it("writes spans of time in their two largest units", () => {
    expect([0, 59_999, 61_000, 3_725_000, 90_000_000].map(formatDuration)).toEqual([
      "0 s",
      "59 s",
      "1 m 1 s",
      "1 h 2 m",
      "1 d 1 h",
    ]);
  });

  it("writes moments as seen from now", () => {
    const now = Date.parse("2026-01-01T00:00:00Z");
    expect(formatRelative("2025-12-31T23:57:00Z", now)).toBe("3 m ago");
    expect(formatRelative("2026-01-01T01:30:00Z", now)).toBe("in 1 h");
    expect(formatRelative("2026-01-01T00:00:02Z", now)).toBe("now");
  });

  it("counts nouns", () => {
    expect([plural(1, "node"), plural(0, "node")]).toEqual(["1 node", "0 nodes"]);
  });
});

describe("a suggested name", () => {
  it("is the blueprint's, or the first free number behind it, whatever the case", () => {
    expect(suggestName("hello", [])).toBe("hello");
    expect(suggestName("hello", ["Hello", "hello-2"])).toBe("hello-3");
  });
});

describe("the way after signing in", () => {
  const origin = "https://house.example";

  it.each([
    ["", "/"],
    ["?next=/open/i1", "/open/i1"],
    ["?next=%2F%3Finstance%3Di1", "/?instance=i1"],
    ["?next=https://evil.example/", "/"],
    ["?next=//evil.example/", "/"],
    ["?next=/\\evil.example", "/"],
    ["?next=javascript:alert(1)", "/"],
    ["?next=/sign-in", "/"],
    ["?next=nodes", "/"],
  ])("of %s is %s", (search, path) => {
    expect(nextPath(search, origin)).toBe(path);
  });

  it("is kept while signing in", () => {
    expect(nextPath(new URL(signInPath("/open/i1?a=b"), origin).search, origin)).toBe("/open/i1?a=b");
  });
});

describe("errors at fields", () => {
  const invalid = new ApiError(400, "invalid_input", "name: bad.", "Correct the body.", [
    { path: ["name"], message: "too long" },
    { path: ["gpuIds", "0"], message: "empty" },
  ]);

  it("come from the details", () => {
    expect(fieldErrors(invalid)).toEqual({ name: "too long", gpuIds: "empty" });
  });

  it("come from the code where there are no details", () => {
    expect(fieldErrors(new ApiError(409, "port_taken", "Port 80 is taken.", "Take another."))).toEqual({
      port: "Port 80 is taken. Take another.",
    });
  });

  it("leave nothing to say above the form only when every message has its field", () => {
    expect(formError(invalid, ["name", "gpuIds"])).toBeUndefined();
    expect(formError(invalid, ["name"])).toBe(invalid);
    expect(formError(new ApiError(500, "internal", "It broke."), ["name"])).toBeInstanceOf(ApiError);
  });
});

describe("a node's history", () => {
  const end = Date.parse("2026-01-01T12:00:00Z");
  const sample = (ageSeconds: number, cpuPercent: number): Stats => ({
    at: new Date(end - ageSeconds * 1000).toISOString(),
    cpuPercent,
    memoryUsedBytes: 0,
    diskFreeBytes: 0,
    gpus: [],
  });

  it("is one series in order, without doubles and without what is older than an hour", () => {
    const merged = mergeSamples([sample(4_000, 1), sample(10, 2), sample(20, 3)], [sample(10, 2), sample(0, 4)]);
    expect(merged.map((entry) => entry.cpuPercent)).toEqual([3, 2, 4]);
  });

  it("is thinned to means, with gaps where nothing is known", () => {
    const values = thinned([sample(3_599, 10), sample(3_590, 20), sample(0, 7)], (entry) => entry.cpuPercent, end, 4);
    expect(values).toEqual([15, null, null, 7]);
  });

  it("reaches back to the oldest sample, at least ten minutes and at most an hour", () => {
    expect(chartSpan([], end)).toBe(600_000);
    expect(chartSpan([sample(30, 1), sample(0, 1)], end)).toBe(600_000);
    expect(chartSpan([sample(1_200, 1), sample(0, 1)], end)).toBe(1_200_001);
    expect(chartSpan([sample(9_000, 1)], end)).toBe(3_600_000);
  });
});
