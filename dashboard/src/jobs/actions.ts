/** What is done with a job from anywhere: run it, switch it on or off, remove it. */
import type { Job, RunJob } from "@roundhouse/protocol/api/job";
import type { Run } from "@roundhouse/protocol/api/run";
import { call } from "../api/call.ts";
import { queryClient } from "../api/queries.ts";
import { toast } from "../shell/toasts.tsx";

type JobRef = Pick<Job, "id" | "name">;

export const jobPath = (id: string): string => `/jobs/${encodeURIComponent(id)}`;
export const runPath = (id: string): string => `/jobs/runs/${encodeURIComponent(id)}`;
const apiPath = (id: string): string => `/api/jobs/${encodeURIComponent(id)}`;

export async function runJob({ id }: JobRef, wish: RunJob = {}): Promise<Run> {
  const run = await call<Run>("POST", `${apiPath(id)}/run`, wish);
  await readAgain(["job", "run"]);
  return run;
}

export async function setEnabled({ id, name }: JobRef, enabled: boolean): Promise<void> {
  await call("POST", `${apiPath(id)}/${enabled ? "enable" : "disable"}`);
  await readAgain(["job"]);
  toast(enabled ? `${name} is on.` : `${name} is off: its triggers start nothing.`);
}

export async function removeJob({ id, name }: JobRef): Promise<void> {
  await call("DELETE", apiPath(id));
  await readAgain(["job"]);
  toast(`${name} was removed.`);
}

export async function saveJob(id: string | null, body: unknown): Promise<Job> {
  const job = id === null ? await call<Job>("POST", "/api/jobs", body) : await call<Job>("PUT", apiPath(id), body);
  queryClient.setQueryData(["job", job.id], job);
  await readAgain(["job", "secret"]);
  return job;
}

async function readAgain(entities: readonly string[]): Promise<void> {
  await Promise.all(entities.map((entity) => queryClient.invalidateQueries({ queryKey: [entity] })));
}
