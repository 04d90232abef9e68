/** Which GPU a new instance gets. */
import type { Gpu, Stats } from "@roundhouse/protocol/facts";
import { expect, it } from "vitest";
import { freeMemoryOf, freestGpu } from "../../dashboard/src/nodes/freest-gpu.ts";

const GIB = 1024 ** 3;

it("is the one with the most free memory, which need not be the largest", () => {
  const node = { gpus: [gpu(0, 24), gpu(1, 16), gpu(2, 8)] };
  expect(freestGpu(node, sample([20, 2, 0]))).toBe("GPU-1");
  expect(freestGpu(node, sample([1, 2, 0]))).toBe("GPU-0");
});

it("is the first of equals, and the largest while nobody has measured", () => {
  expect(freestGpu({ gpus: [gpu(0, 16), gpu(1, 16)] }, sample([3, 3]))).toBe("GPU-0");
  expect(freestGpu({ gpus: [gpu(0, 8), gpu(1, 24)] }, undefined)).toBe("GPU-1");
});

it("is found by its index, whatever the order of the samples, and a GPU that was not measured counts as free", () => {
  const { gpus, ...rest } = sample([7, 1]);
  expect(freestGpu({ gpus: [gpu(0, 8), gpu(1, 8)] }, { ...rest, gpus: gpus.toReversed() })).toBe("GPU-1");
  expect(freestGpu({ gpus: [gpu(0, 8), gpu(1, 8), gpu(2, 8)] }, sample([1, 1]))).toBe("GPU-2");
});

it("is none where there is none, and free memory is never negative", () => {
  expect(freestGpu({ gpus: [] }, sample([]))).toBeUndefined();
  expect(freeMemoryOf(gpu(0, 8), sample([9]))).toBe(0);
});

function gpu(index: number, gibibytes: number): Gpu {
  return { index, id: `GPU-${index}`, vendor: "nvidia", name: "Card", memoryTotalBytes: gibibytes * GIB };
}

function sample(usedGibibytes: number[]): Stats {
  const rest = { utilizationPercent: null, temperatureCelsius: null, powerWatts: null };
  const gpus = usedGibibytes.map((used, index) => ({ index, memoryUsedBytes: used * GIB, ...rest }));
  return { at: "2026-01-01T00:00:00.000Z", cpuPercent: 0, memoryUsedBytes: 0, diskFreeBytes: 0, gpus };
}
