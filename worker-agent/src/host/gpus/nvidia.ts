/** NVIDIA GPUs as `nvidia-smi` reports them. */
import { type GpuReading, toAmount, toGauge, toNumber } from "./reading.ts";

const FIELDS = [
  "index",
  "uuid",
  "name",
  "memory.total",
  "driver_version",
  "memory.used",
  "utilization.gpu",
  "temperature.gpu",
  "power.draw",
];

export const NVIDIA_COMMAND = {
  command: "nvidia-smi",
  args: [`--query-gpu=${FIELDS.join(",")}`, "--format=csv,noheader,nounits"],
};

const MIB = 1024 * 1024;

/**
 * The cards in the output. What is no card's line is skipped: the tool prints its failures ("NVIDIA-SMI has failed
 * because …", "Unable to determine the device handle …") among the lines of the cards that still work.
 */
export function parseNvidia(output: string): GpuReading[] {
  return output.split("\n").flatMap((line) => {
    const cells = line.split(",").map((cell) => cell.trim());
    const [index, id, name, memoryTotal, driver, memoryUsed, utilization, temperature, power] = cells;
    if (cells.length < FIELDS.length || !index || !/^\d+$/.test(index) || !id || !name) return [];
    return {
      fact: {
        index: Number(index),
        id,
        vendor: "nvidia",
        name,
        memoryTotalBytes: toAmount(memoryTotal) * MIB,
        ...(driver && !driver.startsWith("[") ? { driver } : {}),
      },
      stats: {
        index: Number(index),
        memoryUsedBytes: toAmount(memoryUsed) * MIB,
        utilizationPercent: toGauge(utilization),
        temperatureCelsius: toNumber(temperature),
        powerWatts: toGauge(power),
      },
    };
  });
}
