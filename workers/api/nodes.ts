/** /api/nodes: the machines of the pool. */
import { ListQuery, page } from "@roundhouse/protocol/api/common";
import { Node, NodePorts, NodeStats, PatchNode } from "@roundhouse/protocol/api/node";
import { NodeVersions } from "@roundhouse/protocol/api/versions";
import { getNode } from "../services/node/get.ts";
import { listNodes } from "../services/node/list.ts";
import { patchNode } from "../services/node/patch.ts";
import { listNodePorts } from "../services/node/port-pool.ts";
import { removeNode } from "../services/node/remove.ts";
import { readNodeStats } from "../services/node/stats.ts";
import { readNodeVersions } from "../services/node/versions.ts";
import type { Api } from "./app.ts";
import { DONE, IdParam, json, jsonInput, route } from "./route.ts";

const list = route({
  method: "get",
  path: "/api/nodes",
  access: "viewer",
  summary: "List nodes",
  request: { query: ListQuery },
  responses: { 200: json(page(Node), "The nodes, the earliest first.") },
});

const get = route({
  method: "get",
  path: "/api/nodes/{id}",
  access: "viewer",
  summary: "Read a node",
  request: { params: IdParam },
  responses: { 200: json(Node, "The node.") },
});

const patch = route({
  method: "patch",
  path: "/api/nodes/{id}",
  access: "admin",
  summary: "Change a node's name, labels, policy or ports, or confirm its app URLs",
  description:
    "A ceiling that was set at join can only be narrowed. `appUrlsConfirmed` says that the plan a node is rented under " +
    "allows app URLs, where `appUrls.rule` asks for it; false takes that back and ends what is open. With another " +
    "`portPool` whoever runs keeps its port until its next launch; ports that people fixed must lie in it.",
  request: { params: IdParam, body: jsonInput(PatchNode) },
  responses: { 200: json(Node, "The node afterwards.") },
});

const remove = route({
  method: "delete",
  path: "/api/nodes/{id}",
  access: "admin",
  summary: "Remove a node; its key stops working at once",
  description: "Its instances are forgotten here. Nothing on the node's own disk is touched.",
  request: { params: IdParam },
  responses: { 204: DONE },
});

const stats = route({
  method: "get",
  path: "/api/nodes/{id}/stats",
  access: "viewer",
  summary: "Read the last hour of a node's stats",
  description: "Read from the node itself. As a WebSocket the same path goes on with each new sample.",
  request: { params: IdParam },
  responses: { 200: json(NodeStats, "Samples, the oldest first.") },
});

const ports = route({
  method: "get",
  path: "/api/nodes/{id}/ports",
  access: "viewer",
  summary: "Read which ports of a node's pool are free",
  description: "Free is what no instance has. Whether another program uses it, the node finds out at a launch.",
  request: { params: IdParam },
  responses: { 200: json(NodePorts, "The pool, ascending.") },
});

const versions = route({
  method: "get",
  path: "/api/nodes/{id}/versions",
  access: "viewer",
  summary: "Read which Python, CUDA and PyTorch versions a node can give an environment",
  description: "Asked of the node, which asks PyTorch's index: up to 15 s, and then once an hour.",
  request: { params: IdParam },
  responses: { 200: json(NodeVersions, "Suggestions, the newest first.") },
});

export function addNodes(api: Api): void {
  api.openapi(list, async (c) => c.json(await listNodes(c.var.ctx, c.req.valid("query")), 200));
  api.openapi(get, async (c) => c.json(await getNode(c.var.ctx, c.req.valid("param").id), 200));
  api.openapi(patch, async (c) => {
    return c.json(await patchNode(c.var.ctx, c.req.valid("param").id, c.req.valid("json")), 200);
  });
  api.openapi(remove, async (c) => {
    await removeNode(c.var.ctx, c.req.valid("param").id);
    return c.body(null, 204);
  });
  api.openapi(stats, async (c) => c.json(await readNodeStats(c.var.ctx, c.req.valid("param").id), 200));
  api.openapi(versions, async (c) => c.json(await readNodeVersions(c.var.ctx, c.req.valid("param").id), 200));
  api.openapi(ports, async (c) => c.json(await listNodePorts(c.var.ctx, c.req.valid("param").id), 200));
}
