/** GPU sources against outputs as real cards and broken drivers print them. */
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseAmd } from "../../../worker-agent/src/host/gpus/amd.ts";
import { createGpuReader, mergeGpus } from "../../../worker-agent/src/host/gpus/detect.ts";
import { parseNvidia } from "../../../worker-agent/src/host/gpus/nvidia.ts";
import { readSysfsGpus } from "../../../worker-agent/src/host/gpus/sysfs.ts";

const MIB = 1024 * 1024;

const TWO_4090 = `0, GPU-5d0d7a2c-7f3e-2b1a-9b0e-0a4c1d2e3f40, NVIDIA GeForce RTX 4090, 24564, 550.54.14, 20331, 87, 71, 312.45
1, GPU-8a1b2c3d-1111-2222-3333-444455556666, NVIDIA GeForce RTX 4090, 24564, 550.54.14, 1, 0, 35, 18.02
`;
const H100_MIG = `0, GPU-7fdaf0a5-179b-f636-d15d-daf243e3ff16, NVIDIA H100 80GB HBM3, 81559, 535.216.01, 57, [N/A], 33, 87.31
`;
const H200 = `0, GPU-0c8e5a51-3a4f-4a44-8b63-2f0e1c9d7b11, NVIDIA H200, 143771, 570.133.20, 0, 0, 29, 76.80
`;
const GB10 = `0, GPU-1e2d, NVIDIA GB10, [N/A], 580.95.05, [N/A], 3, 41, [Not Supported]
`;
const ONE_LOST = `0, GPU-aaaa, NVIDIA A100-SXM4-80GB, 81920, 535.54.03, 4, 0, 31, 58.1
Unable to determine the device handle for GPU0000:41:00.0: Unknown Error
`;
const DRIVER_FAILED =
  "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that the latest NVIDIA driver is installed and running.\n";
const NO_DEVICES = "No devices were found\n";

const MI300X = `WARNING: AMD GPU device(s) is/are in a low-power state. Check power control/runtime_status

{"card0": {"Unique ID": "0x7d2c1f0e9a8b6c5d", "GPU use (%)": "3", "Temperature (Sensor junction) (C)": "41.0", "Temperature (Sensor memory) (C)": "35.0", "Current Socket Graphics Package Power (W)": "137.0", "VRAM Total Memory (B)": "206141652992", "VRAM Total Used Memory (B)": "297295872", "PCI Bus": "0000:05:00.0", "Card Series": "AMD Instinct MI300X", "Card Model": "0x74a1", "GFX Version": "gfx942"}, "system": {"Driver version": "6.7.0"}}
`;
const OLD_ROCM = `{"card0": {"Unique ID": "0x18f68e602b8a790f", "Temperature (Sensor edge) (C)": "45.0", "Average Graphics Package Power (W)": "60.0", "GPU use (%)": "12", "VRAM Total Memory (B)": "17163091968", "VRAM Total Used Memory (B)": "17457152", "Card series": "Radeon RX 6800", "Card model": "0x0e3b"}, "card1": {"Unique ID": "N/A", "GPU use (%)": "N/A", "VRAM Total Memory (B)": "67108864", "VRAM Total Used Memory (B)": "26079232", "Card series": "0x164e", "Card model": "0x164e", "PCI Bus": "0000:0C:00.0"}}`;

describe("nvidia-smi", () => {
  it("reports both of two RTX 4090", () => {
    expect(parseNvidia(TWO_4090).map(({ fact }) => [fact.index, fact.name, fact.memoryTotalBytes])).toEqual([
      [0, "NVIDIA GeForce RTX 4090", 24564 * MIB],
      [1, "NVIDIA GeForce RTX 4090", 24564 * MIB],
    ]);
    expect(parseNvidia(TWO_4090)[0]).toEqual({
      fact: expect.objectContaining({ vendor: "nvidia", driver: "550.54.14", id: expect.stringMatching(/^GPU-5d0d/) }),
      stats: {
        index: 0,
        memoryUsedBytes: 20331 * MIB,
        utilizationPercent: 87,
        temperatureCelsius: 71,
        powerWatts: 312.45,
      },
    });
  });

  it("leaves open what an H100 in MIG mode cannot say", () => {
    expect(parseNvidia(H100_MIG)[0]?.stats).toMatchObject({ utilizationPercent: null, temperatureCelsius: 33 });
  });

  it("reports an H200, and a card with unified memory as one without its own", () => {
    expect(parseNvidia(H200)[0]?.fact.memoryTotalBytes).toBe(143771 * MIB);
    expect(parseNvidia(GB10)[0]).toMatchObject({
      fact: { name: "NVIDIA GB10", memoryTotalBytes: 0 },
      stats: { memoryUsedBytes: 0, powerWatts: null },
    });
  });

  it("keeps the cards that work when another is lost", () => {
    expect(parseNvidia(ONE_LOST).map(({ fact }) => fact.id)).toEqual(["GPU-aaaa"]);
  });

  it.each([DRIVER_FAILED, NO_DEVICES, "", "garbage, with, commas\n"])("finds no card in %j", (output) => {
    expect(parseNvidia(output)).toEqual([]);
  });
});

describe("rocm-smi", () => {
  it("reports an MI300X, past the warning before the JSON", () => {
    expect(parseAmd(MI300X)).toEqual([
      {
        fact: {
          index: 0,
          id: "GPU-7d2c1f0e9a8b6c5d",
          vendor: "amd",
          name: "AMD Instinct MI300X",
          memoryTotalBytes: 206141652992,
          driver: "6.7.0",
        },
        stats: {
          index: 0,
          memoryUsedBytes: 297295872,
          utilizationPercent: 3,
          temperatureCelsius: 41,
          powerWatts: 137,
        },
      },
    ]);
  });

  it("reads the spelling of older releases, and a card without a name or number", () => {
    const [discrete, integrated] = parseAmd(OLD_ROCM);
    expect(discrete).toMatchObject({
      fact: { name: "Radeon RX 6800" },
      stats: { powerWatts: 60, temperatureCelsius: 45 },
    });
    expect(integrated).toMatchObject({
      fact: { index: 1, id: "0000:0C:00.0", name: "AMD GPU 0x164e" },
      stats: { utilizationPercent: null },
    });
  });

  it("gives partitions of one card ids of their own", () => {
    const card = `{"Unique ID": "0xab", "PCI Bus": "0000:05:00.0"}`;
    expect(parseAmd(`{"card0": ${card}, "card1": ${card}}`).map(({ fact }) => fact.id)).toEqual([
      "GPU-ab",
      "GPU-ab@0000:05:00.0",
    ]);
  });

  it.each(["", "ERROR: No AMD GPUs specified", "{", "[1]", '{"card0": 5}x', "{NaN}"])("survives %j", (output) => {
    expect(() => parseAmd(output)).not.toThrow();
  });
});

describe("/sys/class/drm", () => {
  it("reports AMD and Intel cards that this process may open, and no other", async () => {
    const root = await mkdtemp(join(tmpdir(), "sysfs-"));
    await writeCard(root, "card0", { vendor: "0x1a03", device: "0x2000" }, "renderD127");
    await writeCard(root, "card1", AMD_FILES, "renderD128");
    await writeCard(root, "card2", { vendor: "0x8086", device: "0x56a0" }, "renderD129");
    await writeCard(root, "card3", { vendor: "0x1002", device: "0x744c" }, null);
    expect(await readSysfsGpus(join(root, "sys"), join(root, "dev"))).toMatchObject([
      {
        fact: { index: 0, id: "0000:03:00.0", vendor: "amd", name: "AMD GPU 0x744c", driver: "amdgpu" },
        stats: { memoryUsedBytes: 5, utilizationPercent: 12, temperatureCelsius: 45, powerWatts: 60.5 },
      },
      { fact: { index: 1, vendor: "intel", name: "Intel GPU 0x56a0", memoryTotalBytes: 0 } },
    ]);
  });

  it("finds nothing where there is no such folder", async () => {
    expect(await readSysfsGpus("/nonexistent", "/nonexistent")).toEqual([]);
  });
});

describe("all sources together", () => {
  it("numbers every card once, NVIDIA's first, and takes AMD's from rocm-smi when it answers", () => {
    const sysfs = [...parseAmd(OLD_ROCM), intel];
    const merged = mergeGpus(parseNvidia(TWO_4090), parseAmd(MI300X), sysfs);
    expect(merged.map(({ fact }) => [fact.index, fact.name])).toEqual([
      [0, "NVIDIA GeForce RTX 4090"],
      [1, "NVIDIA GeForce RTX 4090"],
      [2, "AMD Instinct MI300X"],
      [3, "Intel GPU"],
    ]);
    expect(merged.map(({ stats }) => stats.index)).toEqual([0, 1, 2, 3]);
  });

  it("says none when the tools are missing, and leaves a tool that hung alone for a while", async () => {
    const asked: string[] = [];
    let now = 0;
    const read = createGpuReader({
      now: () => now,
      readSysfs: async () => [],
      run: async (command) => {
        asked.push(command);
        return command === "nvidia-smi" ? { kind: "hung" } : { kind: "missing" };
      },
    });
    expect([await read(), await read()]).toEqual([[], []]);
    expect(asked).toEqual(["nvidia-smi", "rocm-smi", "rocm-smi"]);
    now = 5 * 60_000;
    await read();
    expect(asked.filter((command) => command === "nvidia-smi")).toHaveLength(2);
  });
});

const intel = {
  fact: { index: 0, id: "0000:00:02.0", vendor: "intel" as const, name: "Intel GPU", memoryTotalBytes: 0 },
  stats: { index: 0, memoryUsedBytes: 0, utilizationPercent: null, temperatureCelsius: null, powerWatts: null },
};

const AMD_FILES = {
  vendor: "0x1002",
  device: "0x744c",
  uevent: "DRIVER=amdgpu\nPCI_SLOT_NAME=0000:03:00.0",
  mem_info_vram_total: "21458059264",
  mem_info_vram_used: "5",
  gpu_busy_percent: "12",
  "hwmon/hwmon3/temp1_input": "45000",
  "hwmon/hwmon3/power1_average": "60500000",
};

async function writeCard(root: string, card: string, files: Record<string, string>, node: string | null) {
  const device = join(root, "sys/class/drm", card, "device");
  for (const [name, text] of Object.entries(files)) await writeDeep(join(device, name), `${text}\n`);
  await mkdir(join(device, "drm", node ?? "renderD99"), { recursive: true });
  if (node) await writeDeep(join(root, "dev/dri", node), "");
}

async function writeDeep(path: string, text: string) {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}
