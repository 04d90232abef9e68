/** Calls an approved tool of an MCP server at once, as a person who tries it does. */
import { and, eq } from "drizzle-orm";
import type { CallMcpTool, McpCallResult } from "@roundhouse/protocol/api/mcp-server";
import { type McpCallRequest, McpCallAnswer, qualifiedTool } from "@roundhouse/protocol/mcp";
import { judge } from "@roundhouse/protocol/policy";
import { mcpTools } from "../../db/mcp-tools.ts";
import type { Context } from "../context.ts";
import { ServiceError } from "../error.ts";
import { readNode } from "../node/find.ts";
import { askServer, notThereYet } from "./ask.ts";
import { type McpServerRow, readMcpServer } from "./find.ts";
import { learnTools } from "./learn.ts";
import { statusOfTool } from "./show.ts";

type Input = Required<CallMcpTool>;

/** Throws `not_found`, `mcp_tool_not_approved`, `forbidden` by a policy, `mcp_server_failed` and `node_offline`. */
export async function callMcpTool(
  ctx: Context,
  idOrName: string,
  { input, signal }: { input: Input; signal: AbortSignal },
): Promise<McpCallResult> {
  const server = await readMcpServer(ctx.db, idOrName);
  const pin = await pinOf(ctx, server, input.tool);
  await refuseDenied(ctx, server, input);
  const body: McpCallRequest = { ...input, pin };
  const answer = await askServer(ctx, server, { path: "/call", method: "POST", body, answer: McpCallAnswer, signal });
  if (!answer) throw notThereYet(server);
  const { outcome, durationMs } = answer;
  if (outcome.is === "result") return { result: outcome.result, durationMs };
  if (outcome.is === "error")
    throw new ServiceError("mcp_server_failed", outcome.message, { hint: "Look at its log." });
  await learnTools(ctx, server, signal);
  throw notApproved(outcome.message);
}

/** Throws `mcp_tool_not_approved`, and `not_found` for a tool that was never seen. */
async function pinOf({ db }: Context, { id, name }: McpServerRow, tool: string): Promise<string> {
  const [row] = await db
    .select()
    .from(mcpTools)
    .where(and(eq(mcpTools.serverId, id), eq(mcpTools.name, tool)));
  if (!row) {
    throw new ServiceError("not_found", `tool: ${JSON.stringify(name)} has no tool ${JSON.stringify(tool)}.`, {
      hint: "GET /api/mcp-servers/{id}/tools lists them, once the server was started.",
    });
  }
  if (row.approvedHash !== null && statusOfTool(row) === "approved") return row.approvedHash;
  throw notApproved(`tool: ${JSON.stringify(tool)} is not approved as its server defines it now.`);
}

async function refuseDenied({ db }: Context, { nodeId, name }: McpServerRow, input: Input): Promise<void> {
  const node = await readNode(db, nodeId);
  const call = { tool: qualifiedTool(name, input.tool), arguments: input.arguments };
  const { decision, because } = judge(node.policy, node.policyCeiling, call);
  if (decision !== "deny") return;
  throw new ServiceError("forbidden", `This node does not allow the call: ${because}.`, {
    hint: "An admin can change the node's policy; its ceiling was given where it joined.",
  });
}

function notApproved(message: string): ServiceError {
  return new ServiceError("mcp_tool_not_approved", message, {
    hint: "Read what its server says of it now, and approve that, or leave it.",
  });
}
