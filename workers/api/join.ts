/** POST /api/join: a join token becomes a node. The guard has checked the token before the body is read. */
import { Joined, JoinInput } from "@roundhouse/protocol/api/join";
import { joinNode } from "../services/node/join.ts";
import type { Api } from "./app.ts";
import { json, jsonInput, route } from "./route.ts";

const join = route({
  method: "post",
  path: "/api/join",
  access: "join-token",
  audit: { action: "join", entity: "node" },
  summary: "Join the pool",
  description:
    "The same token with the same key hash is the same join: it answers the same node, however often it is sent.",
  request: { body: jsonInput(JoinInput) },
  responses: { 201: json(Joined, "The node.") },
});

export function addJoin(api: Api): void {
  api.openapi(join, async (c) => c.json(await joinNode(c.var.ctx, c.var.joinToken, c.req.valid("json")), 201));
}
