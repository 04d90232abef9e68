/** The GPU a new instance is to get on a node, and the node's newest sample, live while a form shows them. */
import { useEffect, useState } from "preact/hooks";
import type { Node } from "@roundhouse/protocol/api/node";
import type { Stats } from "@roundhouse/protocol/facts";
import { useSamples } from "../stats/samples.ts";
import { freestGpu } from "./freest-gpu.ts";

type Suggested = { gpuIds: readonly string[]; latest: Stats | undefined };

const NONE: readonly string[] = [];

/** The suggestion is made with the first sample and stays: a choice that jumps by itself is none. */
export function useFreestGpu(node: Node | undefined): Suggested {
  const hasGpus = node !== undefined && node.gpus.length > 0;
  const latest = useSamples(node?.id ?? "", hasGpus && node.status === "online").samples.at(-1);
  const [made, setMade] = useState<{ nodeId: string; gpuIds: readonly string[] }>();
  useEffect(() => {
    if (!node || !latest || made?.nodeId === node.id) return;
    const freest = freestGpu(node, latest);
    setMade({ nodeId: node.id, gpuIds: freest === undefined ? NONE : [freest] });
  }, [node, latest]);
  if (!hasGpus) return { gpuIds: NONE, latest };
  if (made?.nodeId === node.id) return { gpuIds: made.gpuIds, latest };
  const freest = freestGpu(node, undefined);
  return { gpuIds: freest === undefined ? NONE : [freest], latest };
}
