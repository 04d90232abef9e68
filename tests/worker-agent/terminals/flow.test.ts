import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Flow } from "../../../worker-agent/src/terminals/flow.ts";

const KIB = 1024;
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function flowing() {
  const state = { isPaused: false, behind: 0 };
  const source = { pause: () => (state.isPaused = true), resume: () => (state.isPaused = false) };
  return { state, flow: new Flow(source, () => state.behind) };
}

describe("[TM6] the flow of a terminal", () => {
  it("waits while its fastest watcher has much to take, and goes on when that is little", () => {
    const { state, flow } = flowing();
    state.behind = 513 * KIB;
    flow.look();
    expect(state.isPaused).toBe(true);
    state.behind = 200 * KIB;
    flow.onTaken();
    expect(state.isPaused).toBe(true);
    state.behind = 100 * KIB;
    flow.onTaken();
    expect(state.isPaused).toBe(false);
  });

  it("loses its patience with those who take nothing for 10 s, until they do", () => {
    const { state, flow } = flowing();
    state.behind = 600 * KIB;
    flow.look();
    vi.advanceTimersByTime(9_900);
    expect(state.isPaused).toBe(true);
    vi.advanceTimersByTime(200);
    expect(state.isPaused).toBe(false);
    state.behind = 900 * KIB;
    flow.look();
    expect(state.isPaused).toBe(false);
    flow.onTaken();
    expect(state.isPaused).toBe(true);
  });

  it("is 10 MiB a second at most, watched or not", () => {
    const { state, flow } = flowing();
    let read = 0;
    for (let ms = 0; ms < 1_000; ms += 1) {
      if (!state.isPaused) {
        read += 64 * KIB;
        flow.onOutput(64 * KIB);
      }
      vi.advanceTimersByTime(1);
    }
    expect(read).toBeLessThanOrEqual(10.5 * KIB * KIB);
    expect(read).toBeGreaterThan(9 * KIB * KIB);
  });

  it("is free at the end, so that the last words are read", () => {
    const { state, flow } = flowing();
    state.behind = 600 * KIB;
    flow.look();
    flow.stop();
    expect(state.isPaused).toBe(false);
    flow.look();
    vi.advanceTimersByTime(20_000);
    expect(state.isPaused).toBe(false);
  });
});
