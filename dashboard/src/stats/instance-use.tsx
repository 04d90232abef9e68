/** What one instance takes of its node now, in a few words. */
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { Node } from "@roundhouse/protocol/api/node";
import type { InstanceStats } from "@roundhouse/protocol/facts";
import { formatBytes } from "../parts/format.ts";
import { percentWords } from "./charts.ts";
import { useSamples } from "./samples.ts";
import css from "./stats.module.css";

type UseProps = {
  /** Or what else runs there. */
  instance: Pick<Instance, "id">;
  node: Node;
  /** Stands before it. */
  before?: string;
  /** Stands there while nothing is known. */
  none?: string;
};

export function InstanceUse({ instance, node, before = "", none = "" }: UseProps) {
  const { samples } = useSamples(node.id, node.status === "online");
  const use = samples.at(-1)?.instances?.find(({ id }) => id === instance.id);
  return <span class={css.use}>{use === undefined ? none : before + useInWords(use)}</span>;
}

/** `2.1 % CPU · 340 MiB · 8.2 GiB VRAM`, as far as it is known. */
export function useInWords({ cpuPercent, memoryBytes, gpuMemoryBytes }: InstanceStats): string {
  const parts = [
    cpuPercent === null ? undefined : `${percentWords(cpuPercent)} CPU`,
    formatBytes(memoryBytes),
    gpuMemoryBytes === null || gpuMemoryBytes === 0 ? undefined : `${formatBytes(gpuMemoryBytes)} VRAM`,
  ];
  return parts.filter((part) => part !== undefined).join(" · ");
}
