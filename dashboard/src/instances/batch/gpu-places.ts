/** The picked instances by the node whose GPUs they use. */
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { Node } from "@roundhouse/protocol/api/node";
import { isSame } from "../edits.ts";
import { isGpuChosen } from "../gpu-choice.ts";

export type GpuPlace = {
  node: Node;
  instances: readonly Instance[];
  /** What all of them have now, by id; undefined where they differ. */
  common: readonly string[] | undefined;
};

/** `leftOut` are on nodes that report no GPU. */
export function gpuPlaces(
  instances: readonly Instance[],
  nodes: readonly Node[],
  shown: (instance: Instance) => readonly string[],
): { places: GpuPlace[]; leftOut: Instance[] } {
  const places = nodes
    .filter(({ gpus }) => gpus.length > 0)
    .map((node) => placeOf(node, instances, shown))
    .filter((place) => place.instances.length > 0);
  const placed = new Set(places.flatMap((place) => place.instances));
  return { places, leftOut: instances.filter((instance) => !placed.has(instance)) };
}

function placeOf(
  node: Node,
  instances: readonly Instance[],
  shown: (instance: Instance) => readonly string[],
): GpuPlace {
  const here = instances.filter((instance) => instance.node === node.id);
  const [first, ...others] = here.map((instance) => idsOf(shown(instance), node));
  return { node, instances: here, common: others.every((other) => isSame(other, first)) ? first : undefined };
}

function idsOf(chosen: readonly string[], { gpus }: Node): string[] {
  return gpus.filter((gpu) => isGpuChosen(chosen, gpu)).map(({ id }) => id);
}
