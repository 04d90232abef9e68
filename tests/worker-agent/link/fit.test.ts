/** Messages of the agent stay below the cap, however many instances there are and whatever they said. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ObservedInstance } from "@roundhouse/protocol/instance";
import { MAX_INSTANCES_PER_NODE, MAX_LINK_MESSAGE_BYTES } from "@roundhouse/protocol/limits";
import { fitTogether, splitReports } from "../../../worker-agent/src/link/fit.ts";

function report(id: string, lastLines: string[]): ObservedInstance {
  return {
    ...{ id, generation: 1, epoch: 1, status: "started", since: "2026-01-01T00:00:00.000Z", reason: null, pid: 1 },
    ...{ port: 19001, exitCode: null, signal: null, startedAt: null, lastLines, diskBytes: null, exposed: [] },
    ...{ ports: [], lapsed: false },
  };
}

const reports = fc.array(fc.array(fc.string({ maxLength: 50 }), { maxLength: 20 }), { maxLength: 40 });
const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

describe("reports in messages", () => {
  it("[FR1] a full node whose apps all talk a lot still says hello in one message", () => {
    const lines = Array.from({ length: 20 }, () => "\u{1f682}".repeat(250));
    const all = Array.from({ length: MAX_INSTANCES_PER_NODE }, (_, index) => report(`in_${index}`, lines));
    const fitted = fitTogether(all);
    expect(fitted).toHaveLength(MAX_INSTANCES_PER_NODE);
    expect(bytesOf(fitted)).toBeLessThan(MAX_LINK_MESSAGE_BYTES);
  });

  it("[FR1] what fits is left as it is", () => {
    const few = [report("in_1", ["one", "two"])];
    expect(fitTogether(few)).toEqual(few);
  });

  it("[FR1] splitting loses nothing, keeps the order, and only a single large report exceeds the budget", () => {
    fc.assert(
      fc.property(reports, fc.integer({ min: 300, max: 5_000 }), (lines, budget) => {
        const all = lines.map((some, index) => report(`in_${index}`, some));
        const parts = splitReports(all, budget);
        expect(parts.flat()).toEqual(all);
        for (const part of parts) {
          const size = part.reduce((sum, one) => sum + bytesOf(one), 0);
          expect(part.length <= 1 || size <= budget).toBe(true);
        }
      }),
    );
  });

  it("[RC4] a change without reports is still one message", () => {
    expect(splitReports([])).toEqual([[]]);
  });
});
