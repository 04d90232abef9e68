/** How common MCP clients are told of a server. Pure. */
import type { McpServer } from "@roundhouse/protocol/api/mcp-server";

type Reached = Pick<McpServer, "name" | "url">;
const KEY = "rhk_…";

export function commandFor({ name, url }: Reached): string {
  return `claude mcp add --transport http ${name} ${url} --header "Authorization: Bearer ${KEY}"`;
}

export function jsonFor({ name, url }: Reached): string {
  const server = { type: "http", url, headers: { Authorization: `Bearer ${KEY}` } };
  return JSON.stringify({ mcpServers: { [name]: server } }, null, 2);
}
