/** /api/secrets: values that go in and never come out. Admins write them. */
import { ListQuery, page } from "@roundhouse/protocol/api/common";
import { NewSecret, PutSecret, RotatedSecrets, Secret, SecretName } from "@roundhouse/protocol/api/secret";
import * as z from "zod";
import { createSecret } from "../services/secret/create.ts";
import { listSecrets } from "../services/secret/list.ts";
import { putSecret } from "../services/secret/put.ts";
import { removeSecret } from "../services/secret/remove.ts";
import { rotateSecrets } from "../services/secret/rotate.ts";
import type { Api } from "./app.ts";
import { DONE, json, jsonInput, route } from "./route.ts";

const NameParam = z.object({ name: SecretName });

const list = route({
  method: "get",
  path: "/api/secrets",
  access: "operator",
  summary: "List secrets: their names and what uses them, never their values",
  request: { query: ListQuery },
  responses: { 200: json(page(Secret), "The secrets by name.") },
});

const create = route({
  method: "post",
  path: "/api/secrets",
  access: "admin",
  summary: "Keep a secret",
  request: { body: jsonInput(NewSecret) },
  responses: { 201: json(Secret, "The secret, without its value.") },
});

const put = route({
  method: "put",
  path: "/api/secrets/{name}",
  access: "admin",
  summary: "Make a secret, or replace its value",
  description: "What uses it has the new value from its next use on.",
  request: { params: NameParam, body: jsonInput(PutSecret) },
  responses: { 200: json(Secret, "The secret, without its value.") },
});

const rotate = route({
  method: "post",
  path: "/api/secrets/rotate",
  access: "admin",
  summary: "Seal every secret anew under a new key",
  description:
    "All or none. Values stay as they are. After MASTER_KEY was replaced, with the former one in MASTER_KEY_PREVIOUS, this " +
    "makes the former one unnecessary.",
  responses: { 200: json(RotatedSecrets, "The new key's id.") },
});

const remove = route({
  method: "delete",
  path: "/api/secrets/{name}",
  access: "admin",
  summary: "Remove a secret that nothing uses",
  request: { params: NameParam },
  responses: { 204: DONE },
});

export function addSecrets(api: Api): void {
  api.openapi(list, async (c) => c.json(await listSecrets(c.var.ctx, c.req.valid("query")), 200));
  api.openapi(create, async (c) => c.json(await createSecret(c.var.ctx, c.req.valid("json")), 201));
  api.openapi(put, async (c) => {
    return c.json(await putSecret(c.var.ctx, c.req.valid("param").name, c.req.valid("json").value), 200);
  });
  api.openapi(rotate, async (c) => c.json(await rotateSecrets(c.var.ctx), 200));
  api.openapi(remove, async (c) => {
    await removeSecret(c.var.ctx, c.req.valid("param").name);
    return c.body(null, 204);
  });
}
