/** What a blueprint needs of a node, in a few words. */
import type { BlueprintNeeds } from "@roundhouse/protocol/blueprint";
import { formatBytes } from "../parts/format.ts";

const GPU_WORDS = { any: "a GPU", nvidia: "an NVIDIA GPU", amd: "an AMD GPU", intel: "an Intel GPU" } as const;

/** `an NVIDIA GPU with 8 GiB, 20 GiB of disk, Docker`; undefined when any node will do. */
export function needsInShort({
  gpu,
  gpuMemoryBytes,
  diskBytes,
  docker,
  platforms,
}: BlueprintNeeds): string | undefined {
  const memory = gpuMemoryBytes === null ? "" : ` with ${formatBytes(gpuMemoryBytes)}`;
  const parts = [
    gpu === null && memory === "" ? undefined : `${GPU_WORDS[gpu ?? "any"]}${memory}`,
    diskBytes === null ? undefined : `${formatBytes(diskBytes)} of disk`,
    docker ? "Docker" : undefined,
    platforms.length === 0 ? undefined : platforms.join(" or "),
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join(", ");
}
