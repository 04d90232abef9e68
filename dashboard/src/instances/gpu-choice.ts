/** Which GPUs of a node are chosen, where an instance may name them by id or by index. */
import type { Gpu } from "@roundhouse/protocol/facts";

export function isGpuChosen(chosen: readonly string[], { id, index }: Gpu): boolean {
  return chosen.includes(id) || chosen.includes(String(index));
}

/** By ids, in the node's order. */
export function chooseGpu(chosen: readonly string[], gpus: readonly Gpu[], gpu: Gpu, isWanted: boolean): string[] {
  const wanted = gpus.filter((other) => (other.id === gpu.id ? isWanted : isGpuChosen(chosen, other)));
  return wanted.map(({ id }) => id);
}

/** The wanted ids in the words that the instance has for them already, where they are the same GPUs: that is no change. */
export function gpusAsNamed(now: readonly string[], wanted: readonly string[], gpus: readonly Gpu[]): string[] {
  const same = gpus.filter((gpu) => isGpuChosen(now, gpu)).map(({ id }) => id);
  const isSame =
    now.length === wanted.length && same.length === wanted.length && same.every((id) => wanted.includes(id));
  return isSame ? [...now] : [...wanted];
}
