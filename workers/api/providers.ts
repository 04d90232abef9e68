/** /api/providers: where models are asked. Providers are found by id or name; admins write them. */
import { ListQuery, page } from "@roundhouse/protocol/api/common";
import { NewProvider, PatchProvider, Provider, ProviderModel, ProviderTest } from "@roundhouse/protocol/api/provider";
import { createProvider } from "../services/provider/create.ts";
import { getProvider } from "../services/provider/get.ts";
import { listProviders } from "../services/provider/list.ts";
import { listModels } from "../services/provider/models.ts";
import { patchProvider } from "../services/provider/patch.ts";
import { removeProvider } from "../services/provider/remove.ts";
import { testProvider } from "../services/provider/test.ts";
import type { Api } from "./app.ts";
import { DONE, IdParam, json, jsonInput, route } from "./route.ts";

const list = route({
  method: "get",
  path: "/api/providers",
  access: "operator",
  summary: "List providers of models",
  request: { query: ListQuery },
  responses: { 200: json(page(Provider), "The providers, the earliest first.") },
});

const get = route({
  method: "get",
  path: "/api/providers/{id}",
  access: "operator",
  summary: "Read a provider",
  request: { params: IdParam },
  responses: { 200: json(Provider, "The provider.") },
});

const create = route({
  method: "post",
  path: "/api/providers",
  access: "admin",
  summary: "Add a provider of models",
  description:
    "Any OpenAI-compatible base URL, also a loopback one: of the control plane's machine, or with `viaNode` of that node, " +
    "which then asks it through its link. Its key is a secret, named here. Redirects are not followed.",
  request: { body: jsonInput(NewProvider) },
  responses: { 201: json(Provider, "The provider.") },
});

const patch = route({
  method: "patch",
  path: "/api/providers/{id}",
  access: "admin",
  summary: "Change a provider",
  request: { params: IdParam, body: jsonInput(PatchProvider) },
  responses: { 200: json(Provider, "The provider afterwards.") },
});

const remove = route({
  method: "delete",
  path: "/api/providers/{id}",
  access: "admin",
  summary: "Remove a provider that no job asks",
  request: { params: IdParam },
  responses: { 204: DONE },
});

const test = route({
  method: "post",
  path: "/api/providers/{id}/test",
  access: "operator",
  audit: false,
  summary: "Test the connection to a provider",
  description: "Asks for its models, for at most 10 s. The answer is 200 also where `ok` is false.",
  request: { params: IdParam },
  responses: { 200: json(ProviderTest, "What was found, and what to do.") },
});

const models = route({
  method: "get",
  path: "/api/providers/{id}/models",
  access: "operator",
  summary: "List the models of a provider, asked of it",
  request: { params: IdParam },
  responses: { 200: json(page(ProviderModel), "All of them, by id.") },
});

export function addProviders(api: Api): void {
  api.openapi(list, async (c) => c.json(await listProviders(c.var.ctx, c.req.valid("query")), 200));
  api.openapi(get, async (c) => c.json(await getProvider(c.var.ctx, c.req.valid("param").id), 200));
  api.openapi(create, async (c) => c.json(await createProvider(c.var.ctx, c.req.valid("json")), 201));
  api.openapi(patch, async (c) => {
    return c.json(await patchProvider(c.var.ctx, c.req.valid("param").id, c.req.valid("json")), 200);
  });
  api.openapi(remove, async (c) => {
    await removeProvider(c.var.ctx, c.req.valid("param").id);
    return c.body(null, 204);
  });
  api.openapi(test, async (c) => c.json(await testProvider(c.var.ctx, c.req.valid("param").id), 200));
  api.openapi(models, async (c) => {
    return c.json({ items: await listModels(c.var.ctx, c.req.valid("param").id), cursor: null }, 200);
  });
}
