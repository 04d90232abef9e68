/** /api/join-tokens: how machines get into the pool. For admins. */
import { ListQuery, page } from "@roundhouse/protocol/api/common";
import { CreateJoinToken, JoinToken, NewJoinToken } from "@roundhouse/protocol/api/join";
import { createJoinToken } from "../services/join-token/create.ts";
import { listJoinTokens } from "../services/join-token/list.ts";
import { revokeJoinToken } from "../services/join-token/revoke.ts";
import type { Api } from "./app.ts";
import { DONE, IdParam, json, jsonInput, route } from "./route.ts";

const create = route({
  method: "post",
  path: "/api/join-tokens",
  access: "admin",
  summary: "Make a join token; it is shown this once",
  request: { body: jsonInput(CreateJoinToken) },
  responses: { 201: json(NewJoinToken, "The token, and the command that joins a machine with it.") },
});

const list = route({
  method: "get",
  path: "/api/join-tokens",
  access: "admin",
  summary: "List join tokens",
  request: { query: ListQuery },
  responses: { 200: json(page(JoinToken), "The tokens, the earliest first.") },
});

const revoke = route({
  method: "delete",
  path: "/api/join-tokens/{id}",
  access: "admin",
  summary: "Revoke a join token; nodes that joined with it stay",
  request: { params: IdParam },
  responses: { 204: DONE },
});

export function addJoinTokens(api: Api): void {
  api.openapi(create, async (c) => c.json(await createJoinToken(c.var.ctx, c.req.valid("json")), 201));
  api.openapi(list, async (c) => c.json(await listJoinTokens(c.var.ctx, c.req.valid("query")), 200));
  api.openapi(revoke, async (c) => {
    await revokeJoinToken(c.var.ctx, c.req.valid("param").id);
    return c.body(null, 204);
  });
}
