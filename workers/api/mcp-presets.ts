/** /api/mcp-presets: MCP servers that many people run, each with the form of what it needs. */
import { page } from "@roundhouse/protocol/api/common";
import { FillMcpPreset, McpPreset, NewMcpServer } from "@roundhouse/protocol/api/mcp-server";
import { fillPreset, listPresets } from "../services/mcp-server/fill-preset.ts";
import type { Api } from "./app.ts";
import { IdParam, json, jsonInput, route } from "./route.ts";

const list = route({
  method: "get",
  path: "/api/mcp-presets",
  access: "viewer",
  summary: "List presets of MCP servers",
  responses: { 200: json(page(McpPreset), "All of them.") },
});

const fill = route({
  method: "post",
  path: "/api/mcp-presets/{id}",
  access: "operator",
  audit: false,
  summary: "Fill in the form of a preset",
  description: "Nothing is made: the answer is what `POST /api/mcp-servers` takes, to be looked at and changed first.",
  request: { params: IdParam, body: jsonInput(FillMcpPreset) },
  responses: { 200: json(NewMcpServer, "The server that it would be.") },
});

export function addMcpPresets(api: Api): void {
  api.openapi(list, (c) => c.json({ items: listPresets(), cursor: null }, 200));
  api.openapi(fill, (c) => {
    const input = c.req.valid("json");
    return c.json(NewMcpServer.parse(fillPreset(c.req.valid("param").id, input)), 200);
  });
}
