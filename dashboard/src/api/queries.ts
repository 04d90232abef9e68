/** What the pages read, and under which key it is cached. The first part of a key is the feed's entity. */
import { queryOptions, QueryClient } from "@tanstack/preact-query";
import type { Blueprint } from "@roundhouse/protocol/api/blueprint";
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { JoinToken } from "@roundhouse/protocol/api/join";
import type { Node, NodePorts } from "@roundhouse/protocol/api/node";
import type { ApiKey, User } from "@roundhouse/protocol/api/person";
import type { Share } from "@roundhouse/protocol/api/share";
import type { TrashEntry } from "@roundhouse/protocol/api/trash";
import type { NodeVersions } from "@roundhouse/protocol/api/versions";
import type { Terminal } from "@roundhouse/protocol/terminal";
import { call, listAll } from "./call.ts";
import { ApiError } from "./errors.ts";

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // The feed says what changed; this only bounds what a lost hint can cost.
      staleTime: 20_000,
      retry: (failures, error) => failures < 2 && error instanceof ApiError && error.status === 0,
      networkMode: "always",
    },
    mutations: { networkMode: "always" },
  },
});

export const instancesQuery = queryOptions({
  queryKey: ["instance"],
  queryFn: () => listAll<Instance>("/api/instances"),
});
export const nodesQuery = queryOptions({ queryKey: ["node"], queryFn: () => listAll<Node>("/api/nodes") });
export const blueprintsQuery = queryOptions({
  queryKey: ["blueprint"],
  queryFn: () => listAll<Blueprint>("/api/blueprints"),
});
export const joinTokensQuery = queryOptions({
  queryKey: ["join-token"],
  queryFn: () => listAll<JoinToken>("/api/join-tokens"),
});
export const keysQuery = queryOptions({ queryKey: ["api-key"], queryFn: () => listAll<ApiKey>("/api/keys") });
export const usersQuery = queryOptions({ queryKey: ["user"], queryFn: () => listAll<User>("/api/users") });

/** Only the node knows: asked for whenever it is shown. */
export function trashQuery(nodeId: string) {
  return queryOptions({
    queryKey: ["trash", nodeId],
    queryFn: () => listAll<TrashEntry>(`/api/nodes/${nodeId}/trash`),
    staleTime: 0,
  });
}

export function sharesQuery(instanceId: string) {
  return queryOptions({
    queryKey: ["share", instanceId],
    queryFn: () => listAll<Share>(`/api/instances/${instanceId}/shares`),
  });
}

export function terminalsQuery(instanceId: string) {
  return queryOptions({
    queryKey: ["terminal", instanceId],
    queryFn: () => listAll<Terminal>(`/api/instances/${instanceId}/terminals`),
  });
}

/** Fresh whenever a form shows it: every new instance may take one. */
export function nodePortsQuery(id: string) {
  return queryOptions({
    queryKey: ["node-ports", id],
    queryFn: () => call<NodePorts>("GET", `/api/nodes/${id}/ports`),
    staleTime: 0,
  });
}

/** The node asks PyTorch's index, which takes a while; what it told is good for the page's life. */
export function nodeVersionsQuery(id: string) {
  return queryOptions({
    queryKey: ["node-versions", id],
    queryFn: () => call<NodeVersions>("GET", `/api/nodes/${id}/versions`),
    staleTime: 10 * 60_000,
  });
}
