/** What one does with an instance: /api/instances/{id}/{start,stop,restart,rebuild,update,reset,version-check,copy,satellite,logs,open}. */
import {
  CopyInstance,
  CreateSatellite,
  Instance,
  Logs,
  LogsQuery,
  OpenInstance,
  Opened,
} from "@roundhouse/protocol/api/instance";
import { VersionReport } from "@roundhouse/protocol/api/versions";
import { copyInstance } from "../services/instance/copy.ts";
import { readLogs } from "../services/instance/logs.ts";
import { openInstance } from "../services/instance/open.ts";
import { rebuildInstance } from "../services/instance/rebuild.ts";
import { resetInstance } from "../services/instance/reset.ts";
import { updateInstance } from "../services/instance/update.ts";
import { restartInstance } from "../services/instance/restart.ts";
import { createSatellite } from "../services/instance/satellite.ts";
import { startInstance } from "../services/instance/start.ts";
import { checkVersions } from "../services/instance/version-check.ts";
import { stopInstance } from "../services/instance/stop.ts";
import type { Api } from "./app.ts";
import { IdParam, json, jsonInput, route } from "./route.ts";

const start = route({
  method: "post",
  path: "/api/instances/{id}/start",
  access: "operator",
  summary: "Start an instance; the first start installs it",
  description: "Starting one that runs, or is on its way, changes nothing.",
  request: { params: IdParam },
  responses: { 202: json(Instance, "The instance.") },
});

const stop = route({
  method: "post",
  path: "/api/instances/{id}/stop",
  access: "operator",
  summary: "Stop an instance",
  request: { params: IdParam },
  responses: { 202: json(Instance, "The instance.") },
});

const restart = route({
  method: "post",
  path: "/api/instances/{id}/restart",
  access: "operator",
  summary: "Stop an instance if it runs, and start it",
  request: { params: IdParam },
  responses: { 202: json(Instance, "The instance.") },
});

const rebuild = route({
  method: "post",
  path: "/api/instances/{id}/rebuild",
  access: "operator",
  summary: "Make an instance's environment anew",
  description:
    "Before its next launch; a running one is launched anew. Its script is told by `.rebuild-env`; where it does not look, " +
    "the environment that its header names is removed. Refused for satellites, and while satellites run.",
  request: { params: IdParam },
  responses: { 202: json(Instance, "The instance.") },
});

const update = route({
  method: "post",
  path: "/api/instances/{id}/update",
  access: "operator",
  summary: "Take the newest source of an instance's blueprint",
  description:
    "A running one is launched anew, which is when scripts fetch what is new, and the image of a container is pulled. A script that differs from the blueprint it " +
    "came from is kept beside the new one.",
  request: { params: IdParam },
  responses: { 202: json(Instance, "The instance.") },
});

const reset = route({
  method: "post",
  path: "/api/instances/{id}/reset",
  access: "operator",
  summary: "Take an instance's installation away, and install it anew at the next start",
  description:
    "At once; a running one is stopped and starts anew. Outputs, shared models, `launch_args.txt`, `parameters.txt`, " +
    "`requirements.txt` and `wheels/` stay. Refused for satellites, and while satellites run.",
  request: { params: IdParam },
  responses: { 202: json(Instance, "The instance.") },
});

const versionCheck = route({
  method: "post",
  path: "/api/instances/{id}/version-check",
  access: "operator",
  audit: false,
  summary: "Report what is in an instance's Python environment",
  description:
    "Versions of the packages that people ask after, PyTorch's CUDA, and what `pip check` finds in conflict. Asked of the " +
    "environment's own Python on the node, which takes up to two minutes.",
  request: { params: IdParam },
  responses: { 200: json(VersionReport, "The report.") },
});

const satellite = route({
  method: "post",
  path: "/api/instances/{id}/satellite",
  access: "operator",
  summary: "Make another instance that runs from this one's installation",
  description:
    "It has its parent's node, blueprint and versions; its GPUs, port, variables, outputs and log are its own. A satellite has none.",
  request: { params: IdParam, body: jsonInput(CreateSatellite) },
  responses: { 201: json(Instance, "The satellite.") },
});

const copy = route({
  method: "post",
  path: "/api/instances/{id}/copy",
  access: "operator",
  summary: "Copy an instance with its installation",
  description:
    "On the same node, with an environment that works where the copy lies; links into the shared models stay links. It is " +
    "`installing` until all is copied. Outputs are not copied, nor is the app's home folder. Variables are those of the original, secrets included, where none are given.",
  request: { params: IdParam, body: jsonInput(CopyInstance) },
  responses: { 201: json(Instance, "The copy.") },
});

const logs = route({
  method: "get",
  path: "/api/instances/{id}/logs",
  access: "viewer",
  summary: "Read a piece of an instance's log",
  description:
    "Read from its node. A log goes on over launches; `next` is the offset to ask for then. As a WebSocket the same path " +
    "goes on with what is written.",
  request: { params: IdParam, query: LogsQuery },
  responses: { 200: json(Logs, "A piece of the log.") },
});

const open = route({
  method: "post",
  path: "/api/instances/{id}/open",
  access: "operator",
  summary: "Get a URL that opens the app",
  description:
    "The URL works once and for a minute. `port` opens another port than the main one, at an origin of its own. " +
    "Not for viewers: most apps can run code on their node.",
  request: { params: IdParam, body: { ...jsonInput(OpenInstance), required: false } },
  responses: { 200: json(Opened, "The URL.") },
});

export function addInstanceActions(api: Api): void {
  api.openapi(start, async (c) => c.json(await startInstance(c.var.ctx, c.req.valid("param").id), 202));
  api.openapi(stop, async (c) => c.json(await stopInstance(c.var.ctx, c.req.valid("param").id), 202));
  api.openapi(restart, async (c) => c.json(await restartInstance(c.var.ctx, c.req.valid("param").id), 202));
  api.openapi(rebuild, async (c) => c.json(await rebuildInstance(c.var.ctx, c.req.valid("param").id), 202));
  api.openapi(update, async (c) => c.json(await updateInstance(c.var.ctx, c.req.valid("param").id), 202));
  api.openapi(reset, async (c) => c.json(await resetInstance(c.var.ctx, c.req.valid("param").id), 202));
  api.openapi(versionCheck, async (c) => c.json(await checkVersions(c.var.ctx, c.req.valid("param").id), 200));
  api.openapi(satellite, async (c) => {
    return c.json(await createSatellite(c.var.ctx, c.req.valid("param").id, c.req.valid("json")), 201);
  });
  api.openapi(copy, async (c) => {
    return c.json(await copyInstance(c.var.ctx, c.req.valid("param").id, c.req.valid("json")), 201);
  });
  api.openapi(logs, async (c) => {
    return c.json(await readLogs(c.var.ctx, c.req.valid("param").id, c.req.valid("query")), 200);
  });
  api.openapi(open, async (c) => {
    return c.json(await openInstance(c.var.ctx, c.req.valid("param").id, c.req.valid("json")), 200);
  });
}
