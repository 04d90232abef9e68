/** Share links of an app: /api/instances/{id}/shares and /api/shares/{id}. */
import { ListQuery, page } from "@roundhouse/protocol/api/common";
import { CreateShare, NewShare, Share } from "@roundhouse/protocol/api/share";
import { createShare } from "../services/share/create.ts";
import { listShares } from "../services/share/list.ts";
import { revokeShare } from "../services/share/revoke.ts";
import type { Api } from "./app.ts";
import { DONE, IdParam, json, jsonInput, route } from "./route.ts";

const create = route({
  method: "post",
  path: "/api/instances/{id}/shares",
  access: "operator",
  summary: "Share an app by a link; it is shown this once",
  description:
    "Whoever has the link may use the app without an account, as often as they like, until it expires or is revoked. " +
    "It ends with the instance, with its maker's role of operator, and with the API key it was made with.",
  request: { params: IdParam, body: { ...jsonInput(CreateShare), required: false } },
  responses: { 201: json(NewShare, "The share with its link.") },
});

const list = route({
  method: "get",
  path: "/api/instances/{id}/shares",
  access: "viewer",
  summary: "List the shares of an app, without their links",
  request: { params: IdParam, query: ListQuery },
  responses: { 200: json(page(Share), "The shares that still open it, the earliest first.") },
});

const revoke = route({
  method: "delete",
  path: "/api/shares/{id}",
  access: "operator",
  summary: "Revoke a share; what it holds open ends",
  request: { params: IdParam },
  responses: { 204: DONE },
});

export function addShares(api: Api): void {
  api.openapi(create, async (c) => {
    return c.json(await createShare(c.var.ctx, c.req.valid("param").id, c.req.valid("json")), 201);
  });
  api.openapi(list, async (c) => {
    return c.json(await listShares(c.var.ctx, c.req.valid("param").id, c.req.valid("query")), 200);
  });
  api.openapi(revoke, async (c) => {
    await revokeShare(c.var.ctx, c.req.valid("param").id);
    return c.body(null, 204);
  });
}
