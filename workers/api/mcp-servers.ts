/** /api/mcp-servers: MCP servers on nodes, their tools, and which of these are approved. Found by id or name. */
import { LogsQuery, Logs } from "@roundhouse/protocol/api/instance";
import { page } from "@roundhouse/protocol/api/common";
import {
  CallMcpTool,
  DecideMcpTools,
  McpCallResult,
  McpServer,
  McpServerQuery,
  McpTools,
  NewMcpServer,
  PatchMcpServer,
} from "@roundhouse/protocol/api/mcp-server";
import { callMcpTool } from "../services/mcp-server/call.ts";
import { createMcpServer } from "../services/mcp-server/create.ts";
import { decideMcpTools } from "../services/mcp-server/decide.ts";
import { getMcpServer } from "../services/mcp-server/get.ts";
import { listMcpServers } from "../services/mcp-server/list.ts";
import { readMcpLogs } from "../services/mcp-server/logs.ts";
import { patchMcpServer } from "../services/mcp-server/patch.ts";
import { removeMcpServer } from "../services/mcp-server/remove.ts";
import { startMcpServer } from "../services/mcp-server/start.ts";
import { stopMcpServer } from "../services/mcp-server/stop.ts";
import { listMcpTools } from "../services/mcp-server/tools.ts";
import type { Api } from "./app.ts";
import { DONE, IdParam, json, jsonInput, route } from "./route.ts";

const list = route({
  method: "get",
  path: "/api/mcp-servers",
  access: "viewer",
  summary: "List MCP servers, with what their nodes say of them",
  request: { query: McpServerQuery },
  responses: { 200: json(page(McpServer), "The servers, the earliest first.") },
});

const get = route({
  method: "get",
  path: "/api/mcp-servers/{id}",
  access: "viewer",
  summary: "Read an MCP server",
  request: { params: IdParam },
  responses: { 200: json(McpServer, "The server.") },
});

const create = route({
  method: "post",
  path: "/api/mcp-servers",
  access: "operator",
  summary: "Add an MCP server to a node",
  description:
    "A command or a container that speaks MCP over its standard input and output, or a port of the node where a server " +
    "listens already. It is started by the first request that needs it. Its tools can be used once they are approved.",
  request: { body: jsonInput(NewMcpServer) },
  responses: { 201: json(McpServer, "The server.") },
});

const patch = route({
  method: "patch",
  path: "/api/mcp-servers/{id}",
  access: "operator",
  summary: "Change an MCP server",
  request: { params: IdParam, body: jsonInput(PatchMcpServer) },
  responses: { 200: json(McpServer, "The server afterwards.") },
});

const remove = route({
  method: "delete",
  path: "/api/mcp-servers/{id}",
  access: "operator",
  summary: "Remove an MCP server that no job uses, with its folder",
  request: { params: IdParam },
  responses: { 204: DONE },
});

const start = route({
  method: "post",
  path: "/api/mcp-servers/{id}/start",
  access: "operator",
  summary: "Start an MCP server, and read its tools",
  description: "Answers once the server has listed them; an image may have to be pulled before.",
  request: { params: IdParam },
  responses: { 200: json(McpTools, "Its tools as they are now.") },
});

const stop = route({
  method: "post",
  path: "/api/mcp-servers/{id}/stop",
  access: "operator",
  summary: "End an MCP server with its sessions",
  description: "The next request starts it again.",
  request: { params: IdParam },
  responses: { 200: json(McpServer, "The server afterwards.") },
});

const listTools = route({
  method: "get",
  path: "/api/mcp-servers/{id}/tools",
  access: "viewer",
  summary: "List the tools of an MCP server as they were seen last",
  description: "All texts in them are a stranger's. What waits for a decision comes first.",
  request: { params: IdParam },
  responses: { 200: json(McpTools, "The tools.") },
});

const decide = route({
  method: "post",
  path: "/api/mcp-servers/{id}/tools",
  access: "operator",
  audit: { action: "decide", entity: "mcp-tool" },
  summary: "Approve definitions of tools, or block tools",
  description:
    "A tool can be used, by jobs and by clients, while its definition is the one that was approved. Name the hashes that " +
    "you read: where one is another by now, nothing is approved.",
  request: { params: IdParam, body: jsonInput(DecideMcpTools) },
  responses: { 200: json(McpTools, "All tools afterwards.") },
});

const call = route({
  method: "post",
  path: "/api/mcp-servers/{id}/call",
  access: "operator",
  summary: "Call an approved tool at once",
  description: "Leaving ends the call. A result with `isError` is a result.",
  request: { params: IdParam, body: jsonInput(CallMcpTool) },
  responses: { 200: json(McpCallResult, "What the tool answered.") },
});

const logs = route({
  method: "get",
  path: "/api/mcp-servers/{id}/logs",
  access: "viewer",
  summary: "Read an MCP server's log",
  description: "What it writes to its standard error, by bytes. As a WebSocket it goes on as it grows.",
  request: { params: IdParam, query: LogsQuery },
  responses: { 200: json(Logs, "A piece of the log.") },
});

export function addMcpServers(api: Api): void {
  api.openapi(list, async (c) => c.json(await listMcpServers(c.var.ctx, c.req.valid("query")), 200));
  api.openapi(get, async (c) => c.json(await getMcpServer(c.var.ctx, c.req.valid("param").id), 200));
  api.openapi(create, async (c) => c.json(await createMcpServer(c.var.ctx, c.req.valid("json")), 201));
  api.openapi(patch, async (c) => {
    return c.json(await patchMcpServer(c.var.ctx, c.req.valid("param").id, c.req.valid("json")), 200);
  });
  api.openapi(remove, async (c) => {
    await removeMcpServer(c.var.ctx, c.req.valid("param").id);
    return c.body(null, 204);
  });
  api.openapi(start, async (c) => {
    return c.json(await startMcpServer(c.var.ctx, c.req.valid("param").id, c.req.raw.signal), 200);
  });
  api.openapi(stop, async (c) => c.json(await stopMcpServer(c.var.ctx, c.req.valid("param").id), 200));
  api.openapi(listTools, async (c) => c.json(await listMcpTools(c.var.ctx, c.req.valid("param").id), 200));
  api.openapi(decide, async (c) => {
    return c.json(await decideMcpTools(c.var.ctx, c.req.valid("param").id, c.req.valid("json")), 200);
  });
  api.openapi(call, async (c) => {
    const asked = { input: c.req.valid("json"), signal: c.req.raw.signal };
    return c.json(await callMcpTool(c.var.ctx, c.req.valid("param").id, asked), 200);
  });
  api.openapi(logs, async (c) => {
    return c.json(await readMcpLogs(c.var.ctx, c.req.valid("param").id, c.req.valid("query")), 200);
  });
}
