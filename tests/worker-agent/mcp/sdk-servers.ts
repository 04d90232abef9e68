/** One MCP server, written for both official SDKs, with a tool for each thing that must pass a gateway. */
import { randomUUID } from "node:crypto";
import { createMcpHandler, McpServer as McpServer2 } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import * as z from "zod";
import { startApp } from "../link/gateway.ts";
import { asNode } from "./support.ts";

/** What its tools saw. */
export type Seen = { calls: string[]; aborted: string[] };

const text = (value: string) => ({ content: [{ type: "text" as const, text: value }] });
const STEPS = 5;

export function serverV1(seen: Seen): McpServer {
  const server = new McpServer(
    { name: "one", version: "1.2.3" },
    { capabilities: { logging: {} }, instructions: "Be kind." },
  );
  server.registerTool("echo", { description: "Says it again", inputSchema: { word: z.string() } }, ({ word }) => {
    seen.calls.push("echo");
    return text(word);
  });
  server.registerTool("steps", { description: "Tells its progress" }, async ({ _meta, sendNotification }) => {
    const progressToken = _meta?.progressToken ?? "none";
    for (let progress = 1; progress <= STEPS; progress += 1) {
      await sendNotification({ method: "notifications/progress", params: { progressToken, progress, total: STEPS } });
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return text("stepped");
  });
  server.registerTool("log", { description: "Logs" }, async ({ sendNotification }) => {
    await sendNotification({ method: "notifications/message", params: { level: "info", data: "a line" } });
    return text("logged");
  });
  server.registerTool("ask", { description: "Asks the client" }, async () => {
    const sampled = await server.server.createMessage({
      messages: [{ role: "user", content: { type: "text", text: "hi" } }],
      maxTokens: 5,
    });
    const elicited = await server.server.elicitInput({
      message: "Who?",
      requestedSchema: { type: "object", properties: { name: { type: "string" } } },
    });
    return text(JSON.stringify({ sampled: sampled.content, elicited: elicited.content }));
  });
  server.registerTool("wait", { description: "Waits until it is cancelled" }, async ({ signal }) => {
    seen.calls.push("wait");
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    seen.aborted.push("wait");
    return text("waited");
  });
  server.registerTool("secret", { description: "Nobody approved this" }, () => {
    seen.calls.push("secret");
    return text("told");
  });
  return server;
}

/** With sessions, as servers of 2025 have them. */
export async function httpV1(seen: Seen): Promise<URL> {
  const transports = new Map<string, StreamableHTTPServerTransport>();
  const { port } = await startApp((request, response) => {
    const id = request.headers["mcp-session-id"];
    const known = typeof id === "string" ? transports.get(id) : undefined;
    if (known) return void known.handleRequest(request, response);
    if (id !== undefined) return void response.writeHead(404).end();
    const onsessioninitialized = (session: string) => void transports.set(session, transport);
    const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: randomUUID, onsessioninitialized });
    void serverV1(seen)
      .connect(transport as Transport)
      .then(() => transport.handleRequest(request, response));
  });
  return new URL(`http://127.0.0.1:${port}/mcp`);
}

export function serverV2(seen: Seen): McpServer2 {
  const server = new McpServer2(
    { name: "two", version: "2.0.0" },
    { capabilities: { logging: {} }, instructions: "Be brief." },
  );
  const word = z.object({ word: z.string() });
  server.registerTool("echo", { description: "Says it again", inputSchema: word }, ({ word }) => {
    seen.calls.push("echo");
    return text(word);
  });
  server.registerTool("steps", { description: "Tells its progress" }, async ({ mcpReq }) => {
    const progressToken = mcpReq._meta?.progressToken ?? "none";
    for (let progress = 1; progress <= STEPS; progress += 1)
      await mcpReq.notify({ method: "notifications/progress", params: { progressToken, progress, total: STEPS } });
    return text("stepped");
  });
  server.registerTool("wait", { description: "Waits until it is cancelled" }, async ({ mcpReq }) => {
    seen.calls.push("wait");
    await new Promise<void>((resolve) => mcpReq.signal.addEventListener("abort", () => resolve()));
    seen.aborted.push("wait");
    return text("waited");
  });
  return server;
}

/** Stateless, and of the newest revision alone unless `legacy` says otherwise. */
export async function httpV2(seen: Seen, legacy: "reject" | "stateless"): Promise<URL> {
  const handler = createMcpHandler(() => serverV2(seen), { legacy });
  const { port } = await startApp(asNode((request) => handler.fetch(request)));
  return new URL(`http://127.0.0.1:${port}/mcp`);
}

export async function stdioV2(seen: Seen, transport: Transport): Promise<void> {
  serveStdio(() => serverV2(seen), { transport });
}
