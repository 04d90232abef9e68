/** `system_stats`: how busy the node is, in lines a model reads. */
import type { Facts, Stats } from "@roundhouse/protocol/facts";
import type { Found } from "../call.ts";
import type { ReadDeps } from "./deps.ts";

const GIB = 1024 ** 3;

export async function systemStats({ stats, facts }: ReadDeps): Promise<Found> {
  const host = await facts();
  const now = stats.latest();
  if (!now) return { ok: false, content: "The node has not measured itself yet. Ask again in a few seconds." };
  const { cpu, memoryTotalBytes, disk } = host;
  const lines = [
    `at ${now.at}: ${host.hostname}, ${host.os.name} ${host.os.version}`,
    `processor: ${now.cpuPercent} % of ${cpu.cores} cores (${cpu.model})`,
    `memory: ${gib(now.memoryUsedBytes)} used of ${gib(memoryTotalBytes)}`,
    `disk ${disk.path}: ${gib(now.diskFreeBytes)} free of ${gib(disk.totalBytes)}`,
    ...(host.gpus.length === 0 ? ["GPUs: none"] : host.gpus.map((gpu) => gpuLine(gpu, now))),
  ];
  return { ok: true, content: lines.join("\n") };
}

function gpuLine({ index, name, memoryTotalBytes }: Facts["gpus"][number], now: Stats): string {
  const head = `GPU ${index} (${name}): `;
  const gpu = now.gpus.find((one) => one.index === index);
  if (!gpu) return `${head}${gib(memoryTotalBytes)}, not measured`;
  const more = [
    gpu.utilizationPercent === null ? [] : [`${gpu.utilizationPercent} % busy`],
    gpu.temperatureCelsius === null ? [] : [`${gpu.temperatureCelsius} °C`],
    gpu.powerWatts === null ? [] : [`${gpu.powerWatts} W`],
  ].flat();
  return head + [`${gib(gpu.memoryUsedBytes)} used of ${gib(memoryTotalBytes)}`, ...more].join(", ");
}

function gib(bytes: number): string {
  return `${(bytes / GIB).toFixed(1)} GiB`;
}
