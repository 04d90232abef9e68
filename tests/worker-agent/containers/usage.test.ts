/** What is read of the engine's figures. */
import { expect, it } from "vitest";
import { usageOf } from "../../../worker-agent/src/containers/usage.ts";

const cpu_stats = { cpu_usage: { total_usage: 2_500_000_000 } };

it("leaves out files that the kernel may drop, by the names of either version of control groups", () => {
  const v2 = { usage: 900, stats: { inactive_file: 300 } };
  expect(usageOf({ cpu_stats, memory_stats: v2 })).toEqual({ cpuNs: 2_500_000_000, memoryBytes: 600 });
  const v1 = { usage: 900, stats: { inactive_file: 1, total_inactive_file: 400 } };
  expect(usageOf({ cpu_stats, memory_stats: v1 })?.memoryBytes).toBe(500);
  expect(usageOf({ cpu_stats, memory_stats: { usage: 900 } })?.memoryBytes).toBe(900);
});

it("never tells of less than nothing", () => {
  const memory_stats = { usage: 900, stats: { inactive_file: 1_000 } };
  expect(usageOf({ cpu_stats, memory_stats })?.memoryBytes).toBe(900);
});

it("knows nothing of a container that has ended", () => {
  expect(usageOf({ cpu_stats, memory_stats: {} })).toBeUndefined();
});
