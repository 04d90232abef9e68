/** Which GPU of a node has the most free memory: what a new instance gets unless a person says otherwise. */
import type { Node } from "@roundhouse/protocol/api/node";
import type { Gpu, Stats } from "@roundhouse/protocol/facts";

/** Free memory of a GPU in bytes; all of it while nobody has measured. */
export function freeMemoryOf(gpu: Gpu, latest: Stats | undefined): number {
  const used = latest?.gpus.find(({ index }) => index === gpu.index)?.memoryUsedBytes ?? 0;
  return Math.max(0, gpu.memoryTotalBytes - used);
}

/** The id of the GPU with the most free memory, the first of equals; undefined where there is none. */
export function freestGpu(node: Pick<Node, "gpus">, latest: Stats | undefined): string | undefined {
  const [first, ...others] = node.gpus;
  if (first === undefined) return undefined;
  const isFreer = (one: Gpu, other: Gpu): boolean => freeMemoryOf(one, latest) > freeMemoryOf(other, latest);
  return others.reduce((freest, gpu) => (isFreer(gpu, freest) ? gpu : freest), first).id;
}
