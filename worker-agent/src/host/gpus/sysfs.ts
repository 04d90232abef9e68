/** GPUs as the kernel shows them under /sys/class/drm: for Intel, and for AMD where rocm-smi is missing. */
import { access, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { isGone } from "../absent.ts";
import { type GpuReading, toAmount, toGauge, toNumber } from "./reading.ts";

/** PCI vendor ids. NVIDIA is left to nvidia-smi: a card its driver cannot drive is of no use to an app. */
const VENDORS: Record<string, { vendor: "amd" | "intel"; label: string }> = {
  "0x1002": { vendor: "amd", label: "AMD GPU" },
  "0x8086": { vendor: "intel", label: "Intel GPU" },
};

/** `sysRoot` and `devRoot` are other folders in tests only. */
export async function readSysfsGpus(sysRoot = "/sys", devRoot = "/dev"): Promise<GpuReading[]> {
  const drm = join(sysRoot, "class/drm");
  const names = ((await readdir(drm).catch(isGone)) ?? []).filter((name) => /^card\d+$/.test(name));
  names.sort((a, b) => Number(a.slice(4)) - Number(b.slice(4)));
  const found = await Promise.all(names.map((name) => readCard(join(drm, name, "device"), devRoot)));
  return found
    .filter((one) => one !== undefined)
    .map(({ fact, stats }, index) => ({ fact: { ...fact, index }, stats: { ...stats, index } }));
}

async function readCard(device: string, devRoot: string): Promise<GpuReading | undefined> {
  const read = async (name: string) => (await readFile(join(device, name), "utf8").catch(isGone))?.trim();
  const known = VENDORS[(await read("vendor")) ?? ""];
  if (!known || !(await isUsable(device, devRoot))) return undefined;
  const uevent = await read("uevent");
  const hwmon = join("hwmon", (await readdir(join(device, "hwmon")).catch(isGone))?.[0] ?? "none");
  const microwatts = toGauge((await read(join(hwmon, "power1_average"))) ?? (await read(join(hwmon, "power1_input"))));
  const millidegrees = toNumber(await read(join(hwmon, "temp1_input")));
  const product = await read("product_name");
  const driver = /^DRIVER=(.+)$/m.exec(uevent ?? "")?.[1];
  return {
    fact: {
      index: 0,
      id: /^PCI_SLOT_NAME=(.+)$/m.exec(uevent ?? "")?.[1] ?? device,
      vendor: known.vendor,
      name: product || `${known.label} ${(await read("device")) ?? ""}`.trim(),
      memoryTotalBytes: toAmount(await read("mem_info_vram_total")),
      ...(driver ? { driver } : {}),
    },
    stats: {
      index: 0,
      memoryUsedBytes: toAmount(await read("mem_info_vram_used")),
      utilizationPercent: toGauge(await read("gpu_busy_percent")),
      temperatureCelsius: millidegrees === null ? null : millidegrees / 1_000,
      powerWatts: microwatts === null ? null : microwatts / 1_000_000,
    },
  };
}

/** A container sees every card of its host in /sys, but in /dev only those it was given. */
async function isUsable(device: string, devRoot: string): Promise<boolean> {
  const nodes = ((await readdir(join(device, "drm")).catch(isGone)) ?? []).filter((name) => name.startsWith("renderD"));
  for (const node of nodes) {
    const there = await access(join(devRoot, "dri", node)).then(
      () => true,
      () => false,
    );
    if (there) return true;
  }
  return false;
}
