/** What instances take: parsing, and a real process that works. */
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { afterEach, describe, expect, it } from "vitest";
import { readCgroup } from "../../../worker-agent/src/host/cgroup.ts";
import { parseComputeApps } from "../../../worker-agent/src/host/gpus/compute-apps.ts";
import { createUsageReader, parseCpuTicks, parseResident } from "../../../worker-agent/src/host/instance-usage.ts";

const MIB = 1024 * 1024;
const children: number[] = [];

afterEach(() => {
  for (const pid of children.splice(0)) process.kill(pid, "SIGKILL");
});

describe("a process", () => {
  it("tells its processor time past a name with spaces and parentheses", () => {
    expect(parseCpuTicks("42 (a (b) c) S 1 42 42 0 -1 4194304 120 0 0 0 250 50 0 0 20 0 1 0 999")).toBe(300);
    expect(parseCpuTicks("")).toBe(0);
  });

  it("tells its resident memory in bytes, and none once it has ended", () => {
    expect(parseResident("Name:\tx\nVmPeak:\t 900 kB\nVmRSS:\t  512 kB\n")).toBe(512 * 1024);
    expect(parseResident("Name:\tx\nState:\tZ (zombie)\n")).toBe(0);
  });
});

describe("the memory that processes hold on GPUs", () => {
  it("is summed over the cards, and lines that say nothing are skipped", () => {
    const output = "4100, 1024\n4100, 512\n4200, [N/A]\nNVIDIA-SMI has failed\n4300, 10\n";
    expect(parseComputeApps(output)).toEqual(
      new Map([
        [4100, 1536 * MIB],
        [4300, 10 * MIB],
      ]),
    );
  });

  it("is not known where the tool tells of no process", () => {
    expect(parseComputeApps("")).toBeUndefined();
    expect(parseComputeApps("No running processes found")).toBeUndefined();
  });
});

describe("the reader", () => {
  it("tells of a process that works from the second reading on, and what its GPU holds", async () => {
    const busy = spawn(process.execPath, ["-e", "for (;;);"], { stdio: "ignore" });
    const pid = busy.pid ?? 0;
    children.push(pid);
    const read = createUsageReader(() => new Map([["in_busy", [pid]]]), {
      ask: () => Promise.resolve(`${pid}, 64\n`),
    });
    const [first] = await read();
    expect(first).toMatchObject({ id: "in_busy", cpuPercent: null, gpuMemoryBytes: 64 * MIB });
    await expect.poll(async () => (await read())[0]?.cpuPercent ?? 0, { timeout: 10_000 }).toBeGreaterThan(1);
    expect(first?.memoryBytes).toBeGreaterThan(0);
  });

  it("tells of an instance's container in place of the process that holds it", async () => {
    let atMs = 0;
    let cpuNs = 7_000_000_000;
    const read = createUsageReader(() => new Map([["in_held", [process.pid]]]), {
      ask: () => Promise.resolve(""),
      now: () => atMs,
      readContainers: () =>
        Promise.resolve([
          { instance: "in_held", container: "a".repeat(64), cpuNs, memoryBytes: 5 * MIB },
          { instance: "in_other", container: "b".repeat(64), cpuNs: 1, memoryBytes: 1 },
        ]),
    });
    expect(await read()).toEqual([{ id: "in_held", cpuPercent: null, memoryBytes: 5 * MIB, gpuMemoryBytes: null }]);
    atMs += 2_000;
    cpuNs += 1_000_000_000;
    const { cpuLimitCores } = await readCgroup();
    // Half of one processor.
    const expected = 50 / Math.min(availableParallelism(), cpuLimitCores);
    expect((await read())[0]?.cpuPercent).toBeCloseTo(expected, 0);
  });

  it("leaves out processes that have ended, and asks no driver while nothing runs", async () => {
    const gone = createUsageReader(() => new Map([["in_gone", [2 ** 22 + 1]]]), { ask: () => Promise.resolve("") });
    expect(await gone()).toEqual([{ id: "in_gone", cpuPercent: null, memoryBytes: 0, gpuMemoryBytes: null }]);
    const idle = createUsageReader(() => new Map(), { ask: () => Promise.reject(new Error("asked")) });
    expect(await idle()).toEqual([]);
  });
});
