/** How much GPU memory each process holds, as `nvidia-smi` reports it. */
import { toNumber } from "./reading.ts";

export const COMPUTE_APPS_COMMAND = {
  command: "nvidia-smi",
  args: ["--query-compute-apps=pid,used_gpu_memory", "--format=csv,noheader,nounits"],
};

const MIB = 1024 * 1024;

/**
 * Bytes by process number, summed over the cards; undefined where the tool tells of no process. In a container it may
 * name the host's numbers, or none at all: then nothing is known.
 */
export function parseComputeApps(output: string): Map<number, number> | undefined {
  const held = new Map<number, number>();
  for (const line of output.split("\n")) {
    const [pidText, memoryText] = line.split(",").map((cell) => cell.trim());
    const mebibytes = toNumber(memoryText);
    if (!pidText || !/^\d+$/.test(pidText) || mebibytes === null) continue;
    const pid = Number(pidText);
    held.set(pid, (held.get(pid) ?? 0) + mebibytes * MIB);
  }
  return held.size === 0 ? undefined : held;
}
