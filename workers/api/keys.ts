/** /api/keys: API keys. Everybody has their own; admins see all. */
import { ListQuery, page } from "@roundhouse/protocol/api/common";
import { ApiKey, CreateApiKey, NewApiKey } from "@roundhouse/protocol/api/person";
import { createApiKey } from "../services/api-key/create.ts";
import { listApiKeys } from "../services/api-key/list.ts";
import { revokeApiKey } from "../services/api-key/revoke.ts";
import type { Api } from "./app.ts";
import { DONE, IdParam, json, jsonInput, route } from "./route.ts";

const list = route({
  method: "get",
  path: "/api/keys",
  access: "viewer",
  summary: "List API keys: one's own, for admins all",
  request: { query: ListQuery },
  responses: { 200: json(page(ApiKey), "The keys, the earliest first.") },
});

const create = route({
  method: "post",
  path: "/api/keys",
  access: "viewer",
  summary: "Make an API key; it is shown this once",
  description: "Its role is at most one's own.",
  request: { body: jsonInput(CreateApiKey) },
  responses: { 201: json(NewApiKey, "The key.") },
});

const revoke = route({
  method: "delete",
  path: "/api/keys/{id}",
  access: "viewer",
  summary: "Revoke an API key; what it holds open ends",
  request: { params: IdParam },
  responses: { 204: DONE },
});

export function addKeys(api: Api): void {
  api.openapi(list, async (c) => c.json(await listApiKeys(c.var.ctx, c.req.valid("query")), 200));
  api.openapi(create, async (c) => c.json(await createApiKey(c.var.ctx, c.req.valid("json")), 201));
  api.openapi(revoke, async (c) => {
    await revokeApiKey(c.var.ctx, c.req.valid("param").id);
    return c.body(null, 204);
  });
}
