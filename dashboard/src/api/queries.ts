/** What the pages read, and under which key it is cached. The first part of a key is the feed's entity. */
import { queryOptions, QueryClient } from "@tanstack/preact-query";
import type { Blueprint } from "@roundhouse/protocol/api/blueprint";
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { Job, SchedulePreview } from "@roundhouse/protocol/api/job";
import type { JoinToken } from "@roundhouse/protocol/api/join";
import type { Node, NodePorts } from "@roundhouse/protocol/api/node";
import type { ApiKey, User } from "@roundhouse/protocol/api/person";
import type { Provider } from "@roundhouse/protocol/api/provider";
import type { Approval, Run, Steps } from "@roundhouse/protocol/api/run";
import type { Secret } from "@roundhouse/protocol/api/secret";
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

export const jobsQuery = queryOptions({ queryKey: ["job"], queryFn: () => listAll<Job>("/api/jobs") });
export const secretsQuery = queryOptions({ queryKey: ["secret"], queryFn: () => listAll<Secret>("/api/secrets") });
export const providersQuery = queryOptions({
  queryKey: ["provider"],
  queryFn: () => listAll<Provider>("/api/providers"),
});
export const pendingApprovalsQuery = queryOptions({
  queryKey: ["approval", "pending"],
  queryFn: () => listAll<Approval>("/api/approvals?status=pending"),
});

/** What a run waits for, and what was decided in it. */
export function runApprovalsQuery(runId: string) {
  return queryOptions({
    queryKey: ["approval", "run", runId],
    queryFn: () => listAll<Approval>(`/api/approvals?run=${encodeURIComponent(runId)}`),
  });
}

export function runQuery(id: string) {
  return queryOptions({
    queryKey: ["run", id],
    queryFn: () => call<Run>("GET", `/api/runs/${encodeURIComponent(id)}`),
  });
}

export function stepsQuery(runId: string) {
  return queryOptions({
    queryKey: ["run", runId, "steps"],
    queryFn: async () => (await call<Steps>("GET", `/api/runs/${encodeURIComponent(runId)}/steps`)).items,
  });
}

/** The provider is asked each time a form is opened: models come and go with what it has loaded. */
export function providerModelsQuery(id: string) {
  return queryOptions({
    queryKey: ["provider", id, "models"],
    queryFn: async () => (await call<{ items: { id: string }[] }>("GET", `/api/providers/${id}/models`)).items,
    retry: false,
  });
}

/** The next times of a schedule, as the scheduler will fire it. */
export function previewQuery(schedule: string, timezone: string) {
  return queryOptions({
    queryKey: ["job-preview", schedule, timezone],
    queryFn: async () =>
      (await call<SchedulePreview>("GET", `/api/jobs/preview?${new URLSearchParams({ schedule, timezone })}`)).times,
    retry: false,
  });
}
