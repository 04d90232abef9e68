/** Which GPU of a node has the most free memory. */
import type { Node } from "@roundhouse/protocol/api/node";
import type { Stats } from "@roundhouse/protocol/facts";

/** Its id; without a sample all count as idle. Undefined for a node without GPUs. */
export function freestGpu(node: Node, latest: Stats | undefined): string | undefined {
  const freeBytes = ({ index, memoryTotalBytes }: Node["gpus"][number]): number =>
    memoryTotalBytes - (latest?.gpus.find((gpu) => gpu.index === index)?.memoryUsedBytes ?? 0);
  return node.gpus.toSorted((a, b) => freeBytes(b) - freeBytes(a))[0]?.id;
}
