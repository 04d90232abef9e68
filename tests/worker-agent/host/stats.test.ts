/** The hour of samples and its followers, on a fake clock. */
import type { Stats } from "@roundhouse/protocol/facts";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { cpuPercent, parseMeminfo, parseProcStat } from "../../../worker-agent/src/host/sample.ts";
import { createStatsRecorder } from "../../../worker-agent/src/host/stats.ts";

const HOUR_MS = 60 * 60_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("the recorder", () => {
  it("keeps one hour and forgets what is older", async () => {
    const recorder = createStatsRecorder({ readSample: counter() });
    await vi.advanceTimersByTimeAsync(2 * HOUR_MS);
    expect(recorder.history()).toHaveLength(720);
    expect(recorder.history()[0]?.memoryUsedBytes).toBe(721);
    expect(recorder.latest()?.memoryUsedBytes).toBe(1440);
    recorder.stop();
  });

  it("samples faster only while somebody follows", async () => {
    const readSample = vi.fn(counter());
    const recorder = createStatsRecorder({ readSample });
    const end = new AbortController();
    const seen = collect(recorder.follow(end.signal));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(readSample).toHaveBeenCalledTimes(6);
    end.abort();
    expect((await seen).map((one) => one.memoryUsedBytes)).toEqual([0, 1, 2, 3, 4, 5]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(readSample).toHaveBeenCalledTimes(8);
    recorder.stop();
  });

  it("measures instances only while somebody follows, and keeps them out of the hour", async () => {
    const instances = [{ id: "in_1", cpuPercent: 3, memoryBytes: 4, gpuMemoryBytes: null }];
    const count = counter();
    const readSample = vi.fn(async (isFollowed: boolean) => ({ ...(await count()), ...(isFollowed && { instances }) }));
    const recorder = createStatsRecorder({ readSample });
    await vi.advanceTimersByTimeAsync(5_000);
    const end = new AbortController();
    const seen = collect(recorder.follow(end.signal));
    await vi.advanceTimersByTimeAsync(10_000);
    end.abort();
    expect((await seen).at(-1)?.instances).toEqual(instances);
    expect(readSample.mock.calls[0]).toEqual([false]);
    expect(recorder.history().filter((sample) => "instances" in sample)).toEqual([]);
    recorder.stop();
  });

  it("does not let followers crowd the hour", async () => {
    const recorder = createStatsRecorder({ readSample: counter() });
    const end = new AbortController();
    const seen = collect(recorder.follow(end.signal));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(recorder.history().length).toBeLessThanOrEqual(13);
    end.abort();
    await seen;
    recorder.stop();
  });

  it("reports a failed sample and goes on", async () => {
    const onError = vi.fn();
    const readSample = vi.fn(counter()).mockRejectedValueOnce(new Error("no /proc"));
    const recorder = createStatsRecorder({ readSample, onError });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(onError).toHaveBeenCalledOnce();
    expect(recorder.history()).toHaveLength(1);
    recorder.stop();
  });

  it("ends its followers and its timer when it is stopped", async () => {
    const recorder = createStatsRecorder({ readSample: counter() });
    const seen = collect(recorder.follow(new AbortController().signal));
    await vi.advanceTimersByTimeAsync(100);
    recorder.stop();
    await seen;
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("a sample", () => {
  it("counts processor time that is neither idle nor waiting", () => {
    const before = parseProcStat("cpu  100 0 50 800 50 0 0 0 0 0\ncpu0 1 1 1 1\n");
    const now = parseProcStat("cpu  150 0 75 900 75 0 0 0 40 0\n");
    expect(cpuPercent(before, now)).toBe(37.5);
    expect(cpuPercent(now, now)).toBe(0);
  });

  it("reads sizes of meminfo in bytes", () => {
    expect(parseMeminfo("MemTotal:       24684096 kB\nMemFree: 1 kB\n", "MemTotal")).toBe(24684096 * 1024);
  });
});

function counter(): () => Promise<Stats> {
  let count = 0;
  return async () => ({
    at: new Date().toISOString(),
    cpuPercent: 0,
    memoryUsedBytes: count++,
    diskFreeBytes: 0,
    gpus: [],
  });
}

async function collect(samples: AsyncIterable<Stats>): Promise<Stats[]> {
  const seen: Stats[] = [];
  for await (const one of samples) seen.push(one);
  return seen;
}
