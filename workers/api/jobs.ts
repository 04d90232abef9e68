/** /api/jobs: what models do on the nodes, and when. */
import { ListQuery, page } from "@roundhouse/protocol/api/common";
import { Job, NewJob, PreviewQuery, PutJob, RunJob, SchedulePreview } from "@roundhouse/protocol/api/job";
import { Run } from "@roundhouse/protocol/api/run";
import * as z from "zod";
import { createJob } from "../services/job/create.ts";
import { setJobEnabled } from "../services/job/enable.ts";
import { getJob } from "../services/job/get.ts";
import { listJobs } from "../services/job/list.ts";
import { putJob } from "../services/job/put.ts";
import { removeJob } from "../services/job/remove.ts";
import { runJob } from "../services/job/run.ts";
import { previewSchedule } from "../services/job/schedule.ts";
import type { Api } from "./app.ts";
import { DONE, IdParam, json, jsonInput, route } from "./route.ts";

// Writing is for admins: a job is as good as a shell on its nodes, at any hour, without the person who wrote it, and its
// instructions decide what becomes of the secrets and the money it is given. Operators run what an admin has written.

const list = route({
  method: "get",
  path: "/api/jobs",
  access: "viewer",
  summary: "List jobs",
  request: { query: ListQuery },
  responses: { 200: json(page(Job), "The jobs, the earliest first.") },
});

const preview = route({
  method: "get",
  path: "/api/jobs/preview",
  access: "viewer",
  summary: "Ask when a schedule comes",
  request: { query: PreviewQuery },
  responses: { 200: json(SchedulePreview, "The next five times; fewer if it ends before.") },
});

const create = route({
  method: "post",
  path: "/api/jobs",
  access: "admin",
  summary: "Make a job",
  description: "Nodes and providers are named by id or name, and answered by id. All that it names must be there.",
  request: { body: jsonInput(NewJob) },
  responses: { 201: json(Job, "The job.") },
});

const get = route({
  method: "get",
  path: "/api/jobs/{id}",
  access: "viewer",
  summary: "Read a job, by id or name",
  request: { params: IdParam },
  responses: { 200: json(Job, "The job.") },
});

const put = route({
  method: "put",
  path: "/api/jobs/{id}",
  access: "admin",
  summary: "Replace a job whole",
  description: "Runs that were asked for go on with what it was. Triggers that changed count from now on.",
  request: { params: IdParam, body: jsonInput(PutJob) },
  responses: { 200: json(Job, "The job.") },
});

const remove = route({
  method: "delete",
  path: "/api/jobs/{id}",
  access: "admin",
  summary: "Delete a job; its runs that are not over are cancelled",
  description: "What it did stays in the list of runs.",
  request: { params: IdParam },
  responses: { 204: DONE },
});

const KeyHeader = z.object({
  "idempotency-key": z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe("The same key of the same job is the same run, however often it is sent."),
});

const run = route({
  method: "post",
  path: "/api/jobs/{id}/run",
  access: "operator",
  summary: "Run a job now, also a disabled one",
  request: { params: IdParam, headers: KeyHeader, body: { ...jsonInput(RunJob), required: false } },
  responses: { 201: json(Run, "The run, as it is now.") },
});

const switches = (["enable", "disable"] as const).map((verb) =>
  route({
    method: "post",
    path: `/api/jobs/{id}/${verb}`,
    access: "admin",
    summary: `${verb === "enable" ? "Enable" : "Disable"} a job's triggers`,
    request: { params: IdParam },
    responses: { 200: json(Job, "The job.") },
  }),
);

export function addJobs(api: Api): void {
  api.openapi(list, async (c) => c.json(await listJobs(c.var.ctx, c.req.valid("query")), 200));
  api.openapi(preview, (c) => c.json(previewSchedule(c.req.valid("query"), c.var.ctx.now), 200));
  api.openapi(create, async (c) => c.json(await createJob(c.var.ctx, c.req.valid("json")), 201));
  api.openapi(get, async (c) => c.json(await getJob(c.var.ctx, c.req.valid("param").id), 200));
  api.openapi(put, async (c) => c.json(await putJob(c.var.ctx, c.req.valid("param").id, c.req.valid("json")), 200));
  api.openapi(remove, async (c) => {
    await removeJob(c.var.ctx, c.req.valid("param").id);
    return c.body(null, 204);
  });
  api.openapi(run, async (c) => {
    const key = c.req.valid("header")["idempotency-key"];
    return c.json(await runJob(c.var.ctx, c.req.valid("param").id, c.req.valid("json"), key), 201);
  });
  for (const one of switches) {
    const isEnabling = one.path.endsWith("/enable");
    api.openapi(one, async (c) => c.json(await setJobEnabled(c.var.ctx, c.req.valid("param").id, isEnabling), 200));
  }
}
