/** /api/blueprints: the catalogue, shipped and custom. Blueprints are found by id or name. */
import { Blueprint, CreateBlueprint, PutBlueprint } from "@roundhouse/protocol/api/blueprint";
import { ListQuery, page } from "@roundhouse/protocol/api/common";
import * as z from "zod";
import { createBlueprint } from "../services/blueprint/create.ts";
import { getBlueprint, getBlueprintIcon } from "../services/blueprint/get.ts";
import { listBlueprints } from "../services/blueprint/list.ts";
import { putBlueprint } from "../services/blueprint/put.ts";
import { removeBlueprint } from "../services/blueprint/remove.ts";
import type { Api } from "./app.ts";
import { DONE, IdParam, json, jsonInput, route } from "./route.ts";

const list = route({
  method: "get",
  path: "/api/blueprints",
  access: "viewer",
  summary: "List blueprints",
  request: { query: ListQuery },
  responses: { 200: json(page(Blueprint), "The blueprints by name.") },
});

const get = route({
  method: "get",
  path: "/api/blueprints/{id}",
  access: "viewer",
  summary: "Read a blueprint with its source and readme",
  request: { params: IdParam },
  responses: { 200: json(Blueprint, "The blueprint.") },
});

const icon = route({
  method: "get",
  path: "/api/blueprints/{id}/icon",
  access: "public",
  summary: "Read the icon of a shipped blueprint",
  description: "Public, since an image element cannot prove who asks, and the icons are part of the program.",
  request: { params: IdParam },
  responses: { 200: { description: "An SVG.", content: { "image/svg+xml": { schema: z.string() } } } },
});

const create = route({
  method: "post",
  path: "/api/blueprints",
  access: "operator",
  summary: "Add a custom blueprint",
  request: { body: jsonInput(CreateBlueprint) },
  responses: { 201: json(Blueprint, "The blueprint.") },
});

const put = route({
  method: "put",
  path: "/api/blueprints/{id}",
  access: "operator",
  summary: "Replace the source of a custom blueprint",
  description: "Instances made before keep the source they were made from.",
  request: { params: IdParam, body: jsonInput(PutBlueprint) },
  responses: { 200: json(Blueprint, "The blueprint afterwards.") },
});

const remove = route({
  method: "delete",
  path: "/api/blueprints/{id}",
  access: "operator",
  summary: "Remove a custom blueprint that no instance uses",
  request: { params: IdParam },
  responses: { 204: DONE },
});

/** An icon opened on its own is a document of our origin: nothing in it may run or load. */
const ICON_HEADERS = {
  "content-type": "image/svg+xml; charset=utf-8",
  "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
  "cache-control": "public, max-age=3600",
};

export function addBlueprints(api: Api): void {
  api.openapi(list, async (c) => c.json(await listBlueprints(c.var.ctx, c.req.valid("query")), 200));
  api.openapi(get, async (c) => c.json(await getBlueprint(c.var.ctx, c.req.valid("param").id), 200));
  api.openapi(icon, (c) => c.body(getBlueprintIcon(c.req.valid("param").id), 200, ICON_HEADERS));
  api.openapi(create, async (c) => c.json(await createBlueprint(c.var.ctx, c.req.valid("json")), 201));
  api.openapi(put, async (c) => {
    return c.json(await putBlueprint(c.var.ctx, c.req.valid("param").id, c.req.valid("json")), 200);
  });
  api.openapi(remove, async (c) => {
    await removeBlueprint(c.var.ctx, c.req.valid("param").id);
    return c.body(null, 204);
  });
}
