/** The MCP server of one request: the tools its caller may use, and how a call comes to its tool. */
import { type CallToolRequestParams, McpServer, ProtocolError, ProtocolErrorCode } from "@modelcontextprotocol/server";
import type { ServerContext } from "@modelcontextprotocol/server";
import { admit } from "../api/access.ts";
import { hasRole } from "../services/actor.ts";
import { VERSION } from "../services/version.ts";
import { approvalTools } from "./approvals.ts";
import { instanceTools } from "./instances.ts";
import { jobTools } from "./jobs.ts";
import { logTool } from "./logs.ts";
import { nodeTools } from "./nodes.ts";
import { toErrorResult, toResult } from "./result.ts";
import { runTools } from "./runs.ts";
import type { Caller, Tool } from "./tool.ts";

export const tools: readonly Tool[] = [
  ...nodeTools,
  ...instanceTools,
  logTool,
  ...jobTools,
  ...runTools,
  ...approvalTools,
];

const INSTRUCTIONS =
  "Roundhouse operates a pool of machines (nodes). An instance is an app installed on a node; a job is what a model does " +
  "on nodes, a run is one execution of it, and an approval is a call that a run may not make without a person. Tools " +
  "change what is wanted: get_instance and get_run tell what has become of it.";

/** Who asks, without what is known only once a call is there. */
export type Asker = Omit<Caller, "signal" | "progress">;

export function makeServer(asker: Asker): McpServer {
  const info = { name: "roundhouse", title: "Roundhouse", version: VERSION };
  const mcp = new McpServer(info, { instructions: INSTRUCTIONS, capabilities: { tools: { listChanged: false } } });
  const mine = tools.filter(({ role }) => hasRole(asker.ctx.actor, role));
  mcp.server.setRequestHandler("tools/list", () => ({ tools: mine.map((tool) => tool.listed()) }));
  mcp.server.setRequestHandler("tools/call", ({ params }, call) => callTool(asker, params, call));
  return mcp;
}

async function callTool(asker: Asker, { name, arguments: given }: CallToolRequestParams, call: ServerContext) {
  const tool = tools.find((candidate) => candidate.name === name);
  if (!tool) throw new ProtocolError(ProtocolErrorCode.InvalidParams, `There is no tool ${JSON.stringify(name)}.`);
  try {
    admit(tool.role, asker.ctx.actor);
    return toResult(await tool.answer({ ...asker, signal: call.mcpReq.signal, progress: progressOf(call) }, given));
  } catch (error) {
    return toErrorResult(error);
  }
}

function progressOf({ mcpReq }: ServerContext): Caller["progress"] {
  const progressToken = mcpReq._meta?.progressToken;
  return async ({ done, total, message }) => {
    if (progressToken === undefined) return;
    const params = { progressToken, progress: done, total, message };
    await mcpReq.notify({ method: "notifications/progress", params });
  };
}
