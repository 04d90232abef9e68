/** /api/drain: sends the nodes away for a while, before their control plane goes. */
import { Drain, Drained } from "@roundhouse/protocol/api/node";
import { drainNodes } from "../services/node/drain.ts";
import type { Api } from "./app.ts";
import { json, jsonInput, route } from "./route.ts";

const drain = route({
  method: "post",
  path: "/api/drain",
  access: "admin",
  audit: { action: "drain", entity: "pool" },
  summary: "Ask every connected node to leave and to come back soon",
  description:
    "Open requests may end first; new ones get 503 with Retry-After. Apps go on running. The nodes dial again spread over time.",
  request: { body: jsonInput(Drain) },
  responses: { 202: json(Drained, "How many were told, and by when the last of them is back.") },
});

export function addDrain(api: Api): void {
  api.openapi(drain, async (c) => c.json(await drainNodes(c.var.ctx, c.req.valid("json")), 202));
}
