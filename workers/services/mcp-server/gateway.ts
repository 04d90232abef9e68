/** Carries a client's request to the gateway of an MCP server on its node, body and answer streaming through (SPEC MC4, MC7). */
import { MCP_HEADER, MCP_ROLE_HEADER } from "@roundhouse/protocol/mcp";
import { roleOf } from "../actor.ts";
import type { Context } from "../context.ts";
import { tooOld } from "../node/ask-agent.ts";
import { carryToAgent } from "../node/carry.ts";
import type { McpServerRow } from "./find.ts";

/** Headers of the protocol; all others stay here, the key among them. */
const PASSED_ON = new Set(["accept", "content-type", "last-event-id"]);

/** The gateway's own answer. Throws `node_offline`, and `conflict` for an agent that is too old. */
export async function askGateway(ctx: Context, { id, nodeId }: McpServerRow, request: Request): Promise<Response> {
  const isPassedOn = (name: string): boolean => PASSED_ON.has(name) || name.startsWith("mcp-");
  const own = { [MCP_ROLE_HEADER]: roleOf(ctx.actor) ?? "viewer" };
  const response = await carryToAgent(ctx, { nodeId, path: `/mcp/${id}`, request, isPassedOn, own });
  if (response.headers.has(MCP_HEADER)) return response;
  await response.body?.cancel();
  throw tooOld("MCP servers");
}
