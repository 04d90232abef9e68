/** /api/instances: installed blueprints, and what is wanted of them. */
import { ListQuery, page } from "@roundhouse/protocol/api/common";
import { CreateInstance, DeleteInstance, Instance, PatchInstance } from "@roundhouse/protocol/api/instance";
import { createInstance } from "../services/instance/create.ts";
import { deleteInstance } from "../services/instance/delete.ts";
import { getInstance } from "../services/instance/get.ts";
import { listInstances } from "../services/instance/list.ts";
import { patchInstance } from "../services/instance/patch.ts";
import type { Api } from "./app.ts";
import { IdParam, json, jsonInput, route } from "./route.ts";

const list = route({
  method: "get",
  path: "/api/instances",
  access: "viewer",
  summary: "List instances",
  description: "One with `desired: deleted` is listed until its node has confirmed that it is gone.",
  request: { query: ListQuery },
  responses: { 200: json(page(Instance), "The instances, the earliest first.") },
});

const get = route({
  method: "get",
  path: "/api/instances/{id}",
  access: "viewer",
  summary: "Read an instance",
  request: { params: IdParam },
  responses: { 200: json(Instance, "The instance.") },
});

const create = route({
  method: "post",
  path: "/api/instances",
  access: "operator",
  summary: "Create an instance of a blueprint on a node",
  description:
    "`blueprint` and `node` are ids or names. It is installed by its first start. Only an admin binds secrets to variables.",
  request: { body: jsonInput(CreateInstance) },
  responses: { 201: json(Instance, "The instance.") },
});

const patch = route({
  method: "patch",
  path: "/api/instances/{id}",
  access: "operator",
  summary: "Change an instance",
  description:
    "The slug, and so the URL, follows the name, and the former one leads there. What a running app reads only at its launch launches it anew. " +
    "Secrets that are bound to variables may stay; only an admin binds others.",
  request: { params: IdParam, body: jsonInput(PatchInstance) },
  responses: { 200: json(Instance, "The instance afterwards.") },
});

const remove = route({
  method: "delete",
  path: "/api/instances/{id}",
  access: "operator",
  summary: "Delete an instance",
  description:
    "`trash` keeps its files aside on the node, `permanent` removes them. Its name and port are free at once.",
  request: { params: IdParam, body: { ...jsonInput(DeleteInstance), required: false } },
  responses: { 202: json(Instance, "The instance; it disappears when its node has confirmed.") },
});

export function addInstances(api: Api): void {
  api.openapi(list, async (c) => c.json(await listInstances(c.var.ctx, c.req.valid("query")), 200));
  api.openapi(get, async (c) => c.json(await getInstance(c.var.ctx, c.req.valid("param").id), 200));
  api.openapi(create, async (c) => c.json(await createInstance(c.var.ctx, c.req.valid("json")), 201));
  api.openapi(patch, async (c) => {
    return c.json(await patchInstance(c.var.ctx, c.req.valid("param").id, c.req.valid("json")), 200);
  });
  api.openapi(remove, async (c) => {
    return c.json(await deleteInstance(c.var.ctx, c.req.valid("param").id, c.req.valid("json")), 202);
  });
}
