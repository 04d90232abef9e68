/** Which ports of an instance a browser has something to do with. */
import type { Instance, InstancePort } from "@roundhouse/protocol/api/instance";

/** The main one first. What was found and does not speak HTTP (a notebook's kernels, say) is the app's own affair. */
export function webPorts({ ports }: Pick<Instance, "ports">): InstancePort[] {
  return ports.filter(({ name, http }) => name !== null || http);
}

/** The dashboard's own way to a port. */
export function doorOf({ id }: Pick<Instance, "id">, { name, port }: InstancePort): string {
  return name === "main" ? `/open/${id}` : `/open/${id}?port=${name ?? port}`;
}
