/** What is done with an MCP server: make it, change it, start, stop and remove it, decide about its tools, call one. */
import type {
  CallMcpTool,
  DecideMcpTools,
  McpCallResult,
  McpServer,
  McpTools,
  NewMcpServer,
} from "@roundhouse/protocol/api/mcp-server";
import { call, request } from "../api/call.ts";
import { queryClient } from "../api/queries.ts";
import { toast } from "../shell/toasts.tsx";
import { serverApi } from "./paths.ts";
import { mcpServersQuery, mcpToolsQuery } from "./queries.ts";

type ServerRef = Pick<McpServer, "id" | "name">;

export async function makeServer(input: NewMcpServer): Promise<McpServer> {
  const server = await call<McpServer>("POST", "/api/mcp-servers", input);
  await readAgain();
  toast(`${server.name} was made.`);
  return server;
}

export async function changeServer(id: string, patch: Omit<NewMcpServer, "node">): Promise<McpServer> {
  const server = await call<McpServer>("PATCH", serverApi(id), patch);
  await readAgain();
  return server;
}

/** Also reads what tools it has. */
export async function startServer({ id }: ServerRef): Promise<void> {
  try {
    keepTools(id, await call<McpTools>("POST", `${serverApi(id)}/start`));
  } finally {
    // A start that failed has its reason with the server.
    await readAgain();
  }
}

export async function stopServer({ id, name }: ServerRef): Promise<void> {
  await call("POST", `${serverApi(id)}/stop`);
  await readAgain();
  toast(`${name} has ended. The next request starts it.`);
}

export async function removeServer({ id, name }: ServerRef): Promise<void> {
  await call("DELETE", serverApi(id));
  // Not read again, for it is no more.
  queryClient.removeQueries({ queryKey: ["mcp-server", id] });
  await queryClient.invalidateQueries({ queryKey: mcpServersQuery.queryKey, exact: true });
  toast(`${name} was removed.`);
}

export async function decideTools(id: string, decision: DecideMcpTools): Promise<McpTools> {
  const tools = await call<McpTools>("POST", `${serverApi(id)}/tools`, decision);
  keepTools(id, tools);
  await readAgain();
  return tools;
}

/** Ends without an answer when `signal` says so. */
export async function callTool(id: string, input: CallMcpTool, signal: AbortSignal): Promise<McpCallResult> {
  const response = await request(`${serverApi(id)}/call`, {
    method: "POST",
    headers: { accept: "application/json", "content-type": "application/json" },
    body: JSON.stringify(input),
    signal,
  });
  return (await response.json()) as McpCallResult;
}

export async function readAgain(): Promise<void> {
  await queryClient.invalidateQueries({ queryKey: mcpServersQuery.queryKey });
}

function keepTools(id: string, tools: McpTools): void {
  queryClient.setQueryData(mcpToolsQuery(id).queryKey, tools);
}
