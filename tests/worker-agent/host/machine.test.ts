/** Facts of this machine, and the limits a container sets to them. */
import { Facts } from "@roundhouse/protocol/facts";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { readCgroup } from "../../../worker-agent/src/host/cgroup.ts";
import { dataRootAt } from "../../../worker-agent/src/host/data-root.ts";
import { readFacts } from "../../../worker-agent/src/host/facts.ts";
import { hostingOf } from "../../../worker-agent/src/host/hosting.ts";
import { detectPlatform } from "../../../worker-agent/src/host/platform.ts";
import { viewHost } from "../../../worker-agent/src/host/view.ts";
import { parseOsRelease } from "../../../worker-agent/src/host/machine.ts";

const GIB = 1024 ** 3;

describe("the facts", () => {
  it("of this machine fit the protocol", async () => {
    const dataRoot = dataRootAt(await mkdtemp(join(tmpdir(), "facts-")));
    const isolation = { mode: "same-user", reason: "a test" } as const;
    const view = viewHost();
    const detection = detectPlatform(view, "local");
    const hosting = hostingOf(view, detection, { mode: "full" });
    const readEnvironments = async () => ({ tools: [], pythons: [] });
    const read = () => {
      return readFacts({ dataRoot, isolation, platform: detection.platform.name, hosting, readEnvironments });
    };
    const facts = await read();
    expect(Facts.parse(facts)).toMatchObject({ platform: "local", hosting, nodeVersion: process.versions.node });
    expect(facts.memoryTotalBytes).toBeGreaterThan(0);
    expect(facts.disk.totalBytes).toBeGreaterThan(facts.disk.freeBytes);
    expect((await read()).machineId).toBe(facts.machineId);
  });

  it("read quoted and bare values of os-release", () => {
    expect(parseOsRelease(`NAME="Ubuntu"\nVERSION_ID='24.04'\nID=ubuntu\n# note\nX="a \\"b\\""\n`)).toEqual({
      NAME: "Ubuntu",
      VERSION_ID: "24.04",
      ID: "ubuntu",
      X: 'a "b"',
    });
  });
});

describe("control groups", () => {
  it("of version 2 give the lowest limit on the way up", async () => {
    const root = await tree({
      "mount/cgroup.controllers": "cpu memory",
      "mount/docker/memory.max": String(8 * GIB),
      "mount/docker/memory.current": String(3 * GIB),
      "mount/docker/memory.stat": `anon 5\ninactive_file ${GIB}`,
      "mount/docker/abc/memory.max": "max",
      "mount/docker/abc/cpu.max": "250000 100000",
      "mount/docker/abc/cpu.stat": "usage_usec 1234\nuser_usec 1000",
      self: "0::/docker/abc\n",
    });
    expect(await readCgroup(join(root, "mount"), join(root, "self"))).toEqual({
      memoryLimitBytes: 8 * GIB,
      memoryUsedBytes: 2 * GIB,
      cpuLimitCores: 2.5,
      cpuUsedMicroseconds: 1234,
    });
  });

  it("of version 1 give theirs", async () => {
    const root = await tree({
      "mount/memory/pod/memory.limit_in_bytes": String(4 * GIB),
      "mount/memory/pod/memory.usage_in_bytes": String(2 * GIB),
      "mount/memory/pod/memory.stat": `total_inactive_file ${GIB}`,
      "mount/memory/memory.limit_in_bytes": "9223372036854771712",
      "mount/cpu/cpu.cfs_quota_us": "-1",
      "mount/cpu/pod/cpu.cfs_quota_us": "150000",
      "mount/cpu/pod/cpu.cfs_period_us": "100000",
      "mount/cpuacct/pod/cpuacct.usage": "5000000",
      self: "4:memory:/pod\n3:cpu,cpuacct:/pod\n",
    });
    expect(await readCgroup(join(root, "mount"), join(root, "self"))).toEqual({
      memoryLimitBytes: 4 * GIB,
      memoryUsedBytes: GIB,
      cpuLimitCores: 1.5,
      cpuUsedMicroseconds: 5000,
    });
  });

  it("that are missing limit nothing", async () => {
    expect(await readCgroup("/nonexistent", "/nonexistent")).toMatchObject({
      memoryLimitBytes: Infinity,
      cpuLimitCores: Infinity,
    });
  });
});

async function tree(files: Record<string, string>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "cgroup-"));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), `${text}\n`);
  }
  return root;
}
