/** What instances take: parsing, and a real process that works. */
import { spawn } from "node:child_process";
import { afterEach, describe, expect, it } from "vitest";
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

  it("leaves out processes that have ended, and asks no driver while nothing runs", async () => {
    const gone = createUsageReader(() => new Map([["in_gone", [2 ** 22 + 1]]]), { ask: () => Promise.resolve("") });
    expect(await gone()).toEqual([{ id: "in_gone", cpuPercent: null, memoryBytes: 0, gpuMemoryBytes: null }]);
    const idle = createUsageReader(() => new Map(), { ask: () => Promise.reject(new Error("asked")) });
    expect(await idle()).toEqual([]);
  });
});
