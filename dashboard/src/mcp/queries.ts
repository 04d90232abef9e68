/** What the pages of MCP servers read. */
import { queryOptions } from "@tanstack/preact-query";
import type { McpPreset, McpServer, McpTools } from "@roundhouse/protocol/api/mcp-server";
import { call, listAll } from "../api/call.ts";
import { serverApi } from "./paths.ts";

export const mcpServersQuery = queryOptions({
  queryKey: ["mcp-server"],
  queryFn: () => listAll<McpServer>("/api/mcp-servers"),
});

export function mcpServerQuery(id: string) {
  return queryOptions({ queryKey: ["mcp-server", id], queryFn: () => call<McpServer>("GET", serverApi(id)) });
}

/** As they were seen last: nothing is started for it. */
export function mcpToolsQuery(id: string) {
  return queryOptions({
    queryKey: ["mcp-server", id, "tools"],
    queryFn: () => call<McpTools>("GET", `${serverApi(id)}/tools`),
  });
}

export const mcpPresetsQuery = queryOptions({
  queryKey: ["mcp-preset"],
  queryFn: async () => (await call<{ items: McpPreset[] }>("GET", "/api/mcp-presets")).items,
  staleTime: Number.POSITIVE_INFINITY,
});
