/** Picked instances by the node whose GPUs they use. */
import { expect, it } from "vitest";
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { Node } from "@roundhouse/protocol/api/node";
import { gpuPlaces } from "../../dashboard/src/instances/batch/gpu-places.ts";

const gpus = [0, 1].map((index) => ({ index, id: `GPU-${index}` }));
const nodes = [
  { id: "big", gpus },
  { id: "small", gpus: gpus.slice(0, 1) },
  { id: "plain", gpus: [] },
  { id: "idle", gpus },
] as unknown as Node[];

function on(node: string, gpuIds: string[]): Instance {
  return { id: `${node} ${gpuIds.join()}`, node, gpuIds } as Instance;
}

it("goes by node, says what all have there, and names those without", () => {
  const here = [on("big", ["GPU-1"]), on("big", ["1"]), on("small", []), on("small", ["0"])];
  const without = [on("plain", []), on("gone", [])];
  const { places, leftOut } = gpuPlaces([...here, ...without], nodes, ({ gpuIds }) => gpuIds);
  expect(places.map(({ node, instances, common }) => [node.id, instances.length, common])).toEqual([
    ["big", 2, ["GPU-1"]],
    ["small", 2, undefined],
  ]);
  expect(leftOut).toEqual(without);
});
