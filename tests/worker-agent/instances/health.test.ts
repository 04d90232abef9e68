import { describe, expect, it } from "vitest";
import { lookForSockets, statusWhileRunning } from "../../../worker-agent/src/instances/health.ts";

const MINUTE_MS = 60_000;
const seen = { everStarted: false, launchedAtMs: 0, lastOutputAtMs: 0, readyAtMs: null };

describe("the status of a running instance", () => {
  it("is installing on a first launch for as long as there is output", () => {
    expect(statusWhileRunning(seen, 1)).toBe("installing");
    expect(statusWhileRunning({ ...seen, lastOutputAtMs: 60 * MINUTE_MS }, 62 * MINUTE_MS)).toBe("installing");
    expect(statusWhileRunning({ ...seen, lastOutputAtMs: 60 * MINUTE_MS }, 63 * MINUTE_MS)).toBe("stalled");
  });

  it("is starting on a later launch for 180 s, with or without output", () => {
    const later = { ...seen, everStarted: true, lastOutputAtMs: 3 * MINUTE_MS };
    expect(statusWhileRunning(later, 3 * MINUTE_MS - 1)).toBe("starting");
    expect(statusWhileRunning(later, 3 * MINUTE_MS)).toBe("stalled");
  });

  it("is started from the first answer on, however late", () => {
    expect(statusWhileRunning({ ...seen, readyAtMs: 9 * MINUTE_MS }, 90 * MINUTE_MS)).toBe("started");
    expect(statusWhileRunning({ ...seen, everStarted: true, readyAtMs: 9 * MINUTE_MS }, 90 * MINUTE_MS)).toBe(
      "started",
    );
  });
});

describe("an app without a listening socket", () => {
  it("counts as gone at the second look, 2 s after the first", () => {
    const first = lookForSockets({ sinceMs: null }, 0, 1_000);
    expect(first).toEqual({ sinceMs: 1_000, gone: false });
    expect(lookForSockets(first, 0, 2_900).gone).toBe(false);
    expect(lookForSockets(first, 0, 3_000).gone).toBe(true);
  });

  it("is back with its first socket", () => {
    expect(lookForSockets({ sinceMs: 1_000 }, 1, 5_000)).toEqual({ sinceMs: null, gone: false });
  });
});
