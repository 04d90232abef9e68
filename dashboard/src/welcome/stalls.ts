/** Where the stalls of the roundhouse stand: one for each node, on an arc around the turntable. */
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { Node } from "@roundhouse/protocol/api/node";

export type Stall = {
  /** Degrees from straight up, clockwise: where the turntable points to reach it. */
  heading: number;
  /** undefined: a stall that waits for a node. */
  node: { name: string; isOnline: boolean; running: number } | undefined;
};

/** A roundhouse of one stall would be a shed, and more than these nobody can tell apart. */
const FEWEST = 7;
const MOST = 15;
const DEGREES_BETWEEN = 22;

export function stallsOf(nodes: readonly Node[], instances: readonly Instance[]): Stall[] {
  const count = Math.min(MOST, Math.max(FEWEST, nodes.length));
  const step = Math.min(DEGREES_BETWEEN, 260 / count);
  // Filled from the middle outwards, so that the first node stands straight ahead.
  const middle = Math.floor((count - 1) / 2);
  const stalls = Array.from({ length: count }, (_, place): Stall => ({
    heading: (place - (count - 1) / 2) * step,
    node: undefined,
  }));
  for (const [index, { id, name, status }] of nodes.slice(0, count).entries()) {
    const away = Math.ceil(index / 2) * (index % 2 === 0 ? -1 : 1);
    const stall = stalls[(middle + away + count) % count];
    const running = instances.filter((instance) => instance.node === id && instance.status === "started").length;
    if (stall) stall.node = { name, isOnline: status === "online", running };
  }
  return stalls;
}
