/** Where MCP servers are: in the dashboard and in the API. */

export const SERVERS_PATH = "/mcp-servers";
export const NEW_PATH = "/mcp-servers/new";
export const CONTAINERS_PATH = "/mcp-servers/containers";

export function serverPath(id: string, tab?: string): string {
  return `${SERVERS_PATH}/${encodeURIComponent(id)}${tab === undefined ? "" : `?tab=${tab}`}`;
}

export function serverApi(id: string): string {
  return `/api/mcp-servers/${encodeURIComponent(id)}`;
}
