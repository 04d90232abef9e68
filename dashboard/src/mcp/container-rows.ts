/** Container instances and container MCP servers as rows of one table. Pure. */
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { McpServer } from "@roundhouse/protocol/api/mcp-server";
import type { Node } from "@roundhouse/protocol/api/node";
import { type ShownStatus, shownStatus } from "../instances/rows.ts";

type Common = { id: string; name: string; node: string; nodeName: string; image: string | undefined };
export type ContainerRow = Common & ({ kind: "instance"; status: ShownStatus } | { kind: "server"; server: McpServer });

/** By node, then by name. `images`: by blueprint. */
export function containerRows(
  instances: readonly Instance[],
  servers: readonly McpServer[],
  nodes: readonly Node[],
  images: ReadonlyMap<string, string>,
): ContainerRow[] {
  const nodesById = new Map(nodes.map((node) => [node.id, node]));
  const ofInstances = instances
    .filter(({ kind, desired }) => kind === "container" && desired !== "deleted")
    .map((instance): ContainerRow => {
      const { id, name, node, blueprint } = instance;
      const host = nodesById.get(node);
      const status = shownStatus(instance);
      return { kind: "instance", id, name, node, nodeName: host?.name ?? node, image: images.get(blueprint), status };
    });
  const ofServers = servers.flatMap((server): ContainerRow[] => {
    const { id, name, node, nodeName, run } = server;
    return run.kind === "container" ? [{ kind: "server", id, name, node, nodeName, image: run.image, server }] : [];
  });
  return [...ofInstances, ...ofServers].toSorted(
    (a, b) => a.nodeName.localeCompare(b.nodeName) || a.name.localeCompare(b.name),
  );
}
