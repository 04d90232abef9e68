/** What can be done to an instance. The table shows the wish at once, and takes it back when it was refused. */
import type { DeleteInstance, Instance } from "@roundhouse/protocol/api/instance";
import { call } from "../api/call.ts";
import { instancesQuery, queryClient } from "../api/queries.ts";
import { toastError } from "../shell/toasts.tsx";

type Verb = "start" | "stop" | "restart";

const WISHES: Readonly<Record<Verb, Partial<Instance>>> = {
  start: { desired: "running", status: "starting", reason: null },
  stop: { desired: "stopped", status: "stopping", reason: null },
  restart: { desired: "running", status: "stopping", reason: null },
};

export async function act(instance: Instance, verb: Verb): Promise<void> {
  const wish = instance.status === "unreachable" ? { desired: WISHES[verb].desired } : WISHES[verb];
  await wished(instance.id, wish, () => call("POST", `/api/instances/${instance.id}/${verb}`));
}

/** @throws {ApiError} for the dialog that asked. */
export async function deleteInstance(id: string, mode: DeleteInstance["mode"]): Promise<void> {
  await call("DELETE", `/api/instances/${id}`, { mode });
  show(id, { desired: "deleted" });
  await queryClient.invalidateQueries({ queryKey: instancesQuery.queryKey });
}

/** True when Start makes sense; otherwise Stop does. */
export function canStart(instance: Instance): boolean {
  if (instance.status === "unreachable") return instance.desired !== "running";
  return instance.status === "stopped" || instance.status === "error";
}

async function wished(id: string, wish: Partial<Instance>, request: () => Promise<unknown>): Promise<void> {
  await queryClient.cancelQueries({ queryKey: instancesQuery.queryKey });
  const before = queryClient.getQueryData(instancesQuery.queryKey);
  show(id, wish);
  try {
    await request();
  } catch (error) {
    queryClient.setQueryData(instancesQuery.queryKey, before);
    toastError(error);
  }
  await queryClient.invalidateQueries({ queryKey: instancesQuery.queryKey });
}

function show(id: string, change: Partial<Instance>): void {
  queryClient.setQueryData(instancesQuery.queryKey, (instances) =>
    instances?.map((instance) => (instance.id === id ? { ...instance, ...change } : instance)),
  );
}
