/** What a node lacks of what a blueprint needs. Pure, and without zod: the dashboard bundles this file. */
import type { BlueprintNeeds } from "./blueprint.ts";
import type { Facts, Gpu } from "./facts.ts";

/** `wanted` and `found` are phrases: “8 GiB of GPU memory”, “the largest GPU there has 6 GiB”. */
export type Lack = {
  need: "mode" | "platform" | "gpu" | "gpu_memory" | "disk" | "docker";
  wanted: string;
  found: string;
};

const PROCESSORS = new Set(["x64", "arm64"]);
/** A card sold with 16 GB reports as little as 14.8 GiB: the driver and error correction keep some. */
const CARD_TOLERANCE = 0.9;
const GPU_PHRASE = { any: "a GPU", nvidia: "an NVIDIA GPU", amd: "an AMD GPU", intel: "an Intel GPU" };

/**
 * Every lack. `gpuIds` are the GPUs an instance may use (indexes or vendor ids), empty for all. `installedBytes` is what
 * its installation takes already: of the space it needs, only the rest must be free.
 */
export function lacksOf(
  needs: BlueprintNeeds,
  facts: Facts,
  gpuIds: readonly string[] = [],
  installedBytes = 0,
): Lack[] {
  return [
    ...modeLack(facts),
    ...platformLack(needs, facts),
    ...gpuLack(needs, facts, gpuIds),
    ...diskLack(needs, facts, installedBytes),
    ...dockerLack(needs, facts),
  ];
}

/** One sentence part for all: “needs 8 GiB of GPU memory; the largest GPU there has 6 GiB”. */
export function describeLacks(lacks: readonly Lack[]): string {
  return lacks.map(({ wanted, found }) => `needs ${wanted}; ${found}`).join(", and ");
}

/** Nothing is launched on a node that is short of disk or cannot write to it. */
function modeLack({ hosting }: Facts): Lack[] {
  if (!hosting || hosting.mode.mode === "full") return [];
  const found = `that one is in ${hosting.mode.mode} mode: ${hosting.mode.reason}`;
  return [{ need: "mode", wanted: "a node that can take new launches", found }];
}

function platformLack({ platforms }: BlueprintNeeds, { platform, os }: Facts): Lack[] {
  const processors = platforms.filter((word) => PROCESSORS.has(word));
  const places = platforms.filter((word) => !PROCESSORS.has(word));
  const lacks: Lack[] = [];
  if (processors.length > 0 && !processors.includes(os.arch)) {
    const wanted = `a processor of the kind ${processors.join(" or ")}`;
    lacks.push({ need: "platform", wanted, found: `the one there is ${os.arch}` });
  }
  if (places.length > 0 && !places.includes(platform)) {
    lacks.push({ need: "platform", wanted: `the platform ${places.join(" or ")}`, found: `that node is ${platform}` });
  }
  return lacks;
}

function gpuLack({ gpu, gpuMemoryBytes }: BlueprintNeeds, facts: Facts, gpuIds: readonly string[]): Lack[] {
  if (gpu === null && gpuMemoryBytes === null) return [];
  const chosen = facts.gpus.filter((one) => gpuIds.length === 0 || isChosen(one, gpuIds));
  const fitting = chosen.filter((one) => gpu === null || gpu === "any" || one.vendor === gpu);
  if (fitting.length === 0) {
    return [{ need: "gpu", wanted: GPU_PHRASE[gpu ?? "any"], found: foundGpus(facts.gpus, chosen) }];
  }
  const largest = Math.max(...fitting.map((one) => one.memoryTotalBytes));
  if (gpuMemoryBytes === null || largest >= gpuMemoryBytes * CARD_TOLERANCE) return [];
  const which = gpuIds.length === 0 ? "the largest GPU there" : "the largest GPU chosen";
  const wanted = `${formatSize(gpuMemoryBytes)} of GPU memory`;
  return [{ need: "gpu_memory", wanted, found: `${which} has ${formatSize(largest)}` }];
}

function isChosen({ index, id }: Gpu, gpuIds: readonly string[]): boolean {
  return gpuIds.includes(String(index)) || gpuIds.includes(id);
}

function foundGpus(all: readonly Gpu[], chosen: readonly Gpu[]): string {
  if (all.length === 0) return "there is none";
  if (chosen.length === 0) return "none of the chosen ones is there";
  return `there is ${chosen.map((one) => one.name).join(", ")}`;
}

function diskLack({ diskBytes }: BlueprintNeeds, { disk }: Facts, installedBytes: number): Lack[] {
  const missing = diskBytes === null ? 0 : Math.max(0, diskBytes - installedBytes);
  if (disk.freeBytes >= missing) return [];
  const found = `${formatSize(disk.freeBytes)} are free there`;
  return [{ need: "disk", wanted: `${formatSize(missing)} of free disk space`, found }];
}

function dockerLack({ docker: isNeeded }: BlueprintNeeds, { docker }: Facts): Lack[] {
  if (!isNeeded || docker.available) return [];
  return [{ need: "docker", wanted: "Docker", found: `it is not usable there (${docker.reason})` }];
}

function formatSize(bytes: number): string {
  const gib = bytes / 1024 ** 3;
  return gib >= 1 ? `${Number(gib.toFixed(1))} GiB` : `${Math.round(bytes / 1024 ** 2)} MiB`;
}
