/** Which ports of a node's pool nobody has. */
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { Node } from "@roundhouse/protocol/api/node";

/** Lowest first. What `ownId` has counts as free. */
export function freePorts({ id, portPool }: Node, instances: readonly Instance[], ownId?: string): number[] {
  const others = instances.filter((instance) => instance.node === id && instance.id !== ownId);
  const taken = new Set(others.map(({ port }) => port));
  const pool = Array.from({ length: portPool.last - portPool.first + 1 }, (_, index) => portPool.first + index);
  return pool.filter((port) => !taken.has(port));
}
