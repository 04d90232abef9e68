import { describe, expect, it } from "vitest";
import { MISSED_AFTER_MS, whatIsDue } from "../../../../workers/objects/scheduler/due.ts";
import { readSchedule } from "../../../../workers/services/job/schedule.ts";
import { at } from "./lab.ts";

const iso = (time: number | null): string | null => (time === null ? null : new Date(time).toISOString());

/** The due times of a schedule after a moment. */
function timesOf(schedule: string, timezone: string, after: string, count: number): (string | null)[] {
  const next = readSchedule({ schedule, timezone });
  const times: (number | null)[] = [];
  for (let time: number | null = at(after); times.length < count; times.push(time)) time = time && next(time);
  return times.map(iso);
}

describe("a schedule in a time zone", () => {
  it("that falls into the hour that is skipped in spring comes once, right after it", () => {
    expect(timesOf("30 2 * * *", "Europe/Berlin", "2026-03-28T00:00:00Z", 3)).toEqual([
      "2026-03-28T01:30:00.000Z",
      "2026-03-29T01:00:00.000Z",
      "2026-03-30T00:30:00.000Z",
    ]);
  });

  it("that falls into the hour that is there twice in autumn comes once", () => {
    expect(timesOf("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 2)).toEqual([
      "2026-10-25T00:30:00.000Z",
      "2026-10-26T01:30:00.000Z",
    ]);
  });

  it("of every hour comes every real hour over both changes of the clock", () => {
    const hours = (first: string) => Array.from({ length: 5 }, (_, index) => iso(at(first) + index * 3_600_000));
    for (const first of ["2026-03-28T23:30:00Z", "2026-10-24T22:30:00Z"]) {
      expect(timesOf("30 * * * *", "Europe/Berlin", iso(at(first) - 1)!, 5)).toEqual(hours(first));
    }
  });

  it("of every day at eight stays at eight of that zone", () => {
    expect(timesOf("0 8 * * *", "America/New_York", "2026-03-07T00:00:00Z", 3)).toEqual([
      "2026-03-07T13:00:00.000Z",
      "2026-03-08T12:00:00.000Z",
      "2026-03-09T12:00:00.000Z",
    ]);
  });

  it("may have seconds", () => {
    expect(timesOf("*/20 * * * * *", "UTC", "2026-01-01T00:00:30.500Z", 3)).toEqual([
      "2026-01-01T00:00:40.000Z",
      "2026-01-01T00:01:00.000Z",
      "2026-01-01T00:01:20.000Z",
    ]);
  });
});

describe("what is due", () => {
  const minutely = readSchedule({ schedule: "* * * * *", timezone: "UTC" });
  const secondly = readSchedule({ schedule: "* * * * * *", timezone: "UTC" });
  const noon = at("2026-01-01T12:00:00Z");

  it("is one time when it is met, and the next one is ahead", () => {
    expect(whatIsDue(minutely, "skip", noon, noon)).toEqual({ fire: [noon], nextAt: noon + 60_000 });
    expect(whatIsDue(minutely, "skip", noon, noon + MISSED_AFTER_MS)).toEqual({ fire: [noon], nextAt: noon + 60_000 });
  });

  it("is each second of a short delay", () => {
    expect(whatIsDue(secondly, "skip", noon, noon + 2_900)).toEqual({
      fire: [noon, noon + 1000, noon + 2000],
      nextAt: noon + 3000,
    });
  });

  it("is nothing of what was missed where that is skipped, and the last of it where one run makes up for all", () => {
    const now = noon + 10 * 60_000 + 30_000;
    const nextAt = noon + 11 * 60_000;
    expect(whatIsDue(minutely, "skip", noon, now)).toEqual({ fire: [], nextAt });
    expect(whatIsDue(minutely, "run_once", noon, now)).toEqual({ fire: [noon + 10 * 60_000], nextAt });
  });

  it("is what was missed and what is met at the same moment", () => {
    const now = noon + 10 * 60_000 + 1000;
    const met = noon + 10 * 60_000;
    expect(whatIsDue(minutely, "skip", noon, now).fire).toEqual([met]);
    expect(whatIsDue(minutely, "run_once", noon, now).fire).toEqual([met - 60_000, met]);
  });

  it("finds the last of a year of seconds", () => {
    const now = noon + 365 * 86_400_000;
    const { fire, nextAt } = whatIsDue(secondly, "run_once", noon, now);
    expect(fire[0]).toBe(now - MISSED_AFTER_MS - 1000);
    expect(nextAt).toBe(now + 1000);
  });

  it("is the same as walking from time to time, also over changes of the clock", () => {
    const next = readSchedule({ schedule: "15,30 2 * * *", timezone: "Europe/Berlin" });
    const first = next(at("2026-03-20T00:00:00Z"))!;
    for (let hours = 0; hours < 24 * 14; hours += 5) {
      const now = first + hours * 3_600_000 + 7_777_000;
      let last = first;
      for (let time = next(first); time !== null && time < now - MISSED_AFTER_MS; time = next(time)) last = time;
      expect(whatIsDue(next, "run_once", first, now)).toEqual({ fire: [last], nextAt: next(last) });
    }
  });

  it("ends with a schedule that never comes again", () => {
    expect(whatIsDue(() => null, "run_once", noon, noon + 60_000)).toEqual({ fire: [noon], nextAt: null });
  });
});
