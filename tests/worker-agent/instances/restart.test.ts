import { describe, expect, it } from "vitest";
import { nextRestart } from "../../../worker-agent/src/instances/restart.ts";

const crash = { exitCode: 1, startedForMs: null };

describe("restarting", () => {
  it("follows the policy", () => {
    expect(nextRestart("never", crash, 0)).toMatchObject({ restart: false, gaveUp: false });
    expect(nextRestart("on-failure", crash, 0)).toMatchObject({ restart: true });
    expect(nextRestart("on-failure", { exitCode: 0, startedForMs: null }, 0)).toMatchObject({ restart: false });
    expect(nextRestart("on-failure", { exitCode: null, startedForMs: null }, 0)).toMatchObject({ restart: true });
    expect(nextRestart("always", { exitCode: 0, startedForMs: null }, 0)).toMatchObject({ restart: true });
  });

  it("waits twice as long each time, at most a minute, and gives up after ten in a row", () => {
    const delays: number[] = [];
    let inRow = 0;
    for (;;) {
      const next = nextRestart("always", crash, inRow);
      inRow = next.restartsInRow;
      if (!next.restart) {
        expect(next.gaveUp).toBe(true);
        break;
      }
      delays.push(next.delayMs / 1000);
    }
    expect(delays).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60, 60]);
  });

  it("begins anew after a good minute", () => {
    const good = { exitCode: 1, startedForMs: 60_000 };
    expect(nextRestart("always", good, 10)).toEqual({ restart: true, delayMs: 1_000, restartsInRow: 1 });
    expect(nextRestart("always", { ...good, startedForMs: 59_999 }, 10)).toMatchObject({ gaveUp: true });
  });
});
