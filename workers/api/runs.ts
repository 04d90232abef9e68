/** /api/runs: what jobs did and are doing. */
import { page } from "@roundhouse/protocol/api/common";
import { Run, RunQuery, Steps } from "@roundhouse/protocol/api/run";
import { cancelRun } from "../services/run/cancel.ts";
import { getRun } from "../services/run/get.ts";
import { listRuns } from "../services/run/list.ts";
import { readSteps } from "../services/run/steps.ts";
import type { Api } from "./app.ts";
import { IdParam, json, route } from "./route.ts";

const list = route({
  method: "get",
  path: "/api/runs",
  access: "viewer",
  summary: "List runs",
  request: { query: RunQuery },
  responses: { 200: json(page(Run), "The runs, the newest first.") },
});

const get = route({
  method: "get",
  path: "/api/runs/{id}",
  access: "viewer",
  summary: "Read a run",
  request: { params: IdParam },
  responses: { 200: json(Run, "The run.") },
});

const steps = route({
  method: "get",
  path: "/api/runs/{id}/steps",
  access: "viewer",
  summary: "Read the trace of a run",
  request: { params: IdParam },
  responses: { 200: json(Steps, "Its steps, the earliest first.") },
});

const cancel = route({
  method: "post",
  path: "/api/runs/{id}/cancel",
  access: "operator",
  summary: "Cancel a run, and what it has under way on nodes",
  request: { params: IdParam },
  responses: { 200: json(Run, "The run. One that is over stays as it is.") },
});

export function addRuns(api: Api): void {
  api.openapi(list, async (c) => c.json(await listRuns(c.var.ctx, c.req.valid("query")), 200));
  api.openapi(get, async (c) => c.json(await getRun(c.var.ctx, c.req.valid("param").id), 200));
  api.openapi(steps, async (c) => c.json(await readSteps(c.var.ctx, c.req.valid("param").id), 200));
  api.openapi(cancel, async (c) => c.json(await cancelRun(c.var.ctx, c.req.valid("param").id), 200));
}
