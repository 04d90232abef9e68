/** A table of tools as what an MCP server of the first SDK answers with: definitions leave as they are written. */
import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import type { RequestHandlerExtra } from "@modelcontextprotocol/sdk/shared/protocol.js";
import {
  CallToolRequestSchema,
  type CallToolResult,
  ErrorCode,
  ListToolsRequestSchema,
  McpError,
  type ServerNotification,
  type ServerRequest,
  type Tool as Definition,
} from "@modelcontextprotocol/sdk/types.js";

export type Extra = RequestHandlerExtra<ServerRequest, ServerNotification>;
export type Tool = {
  definition: Definition;
  /** What it throws is the text of an answer with `isError`. */
  call: (args: Record<string, unknown>, extra: Extra) => CallToolResult | Promise<CallToolResult>;
};

export const NO_ARGUMENTS: Definition["inputSchema"] = { type: "object", properties: {} };

/** The table is asked for anew by each list. */
export function serveTools(server: Server, tools: () => readonly Tool[]): void {
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: tools().map(({ definition }) => definition) }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra) => {
    const tool = tools().find(({ definition }) => definition.name === params.name);
    if (!tool) throw new McpError(ErrorCode.InvalidParams, `there is no tool ${params.name}`);
    try {
      return await tool.call(params.arguments ?? {}, extra);
    } catch (error) {
      return { content: [text(error instanceof Error ? error.message : String(error))], isError: true };
    }
  });
}

export function text(words: string): { type: "text"; text: string } {
  return { type: "text", text: words };
}

/** Nothing is sent to a caller that did not ask for it. */
export async function tellProgress(extra: Extra, progress: number, total: number): Promise<void> {
  const progressToken = extra._meta?.progressToken;
  if (progressToken === undefined) return;
  await extra.sendNotification({ method: "notifications/progress", params: { progressToken, progress, total } });
}
