/** How MCP servers and their tools are shown. */
import { createTwoFilesPatch } from "diff";
import type { McpServer, McpTool, McpToolStatus } from "@roundhouse/protocol/api/mcp-server";
import type { McpToolDefinition } from "@roundhouse/protocol/mcp-definition";
import type { mcpTools } from "../../db/mcp-tools.ts";
import type { McpServerRow } from "./find.ts";
import type { Whereabouts } from "./status.ts";

export type McpToolRow = typeof mcpTools.$inferSelect;
export type ToolState = Pick<McpToolRow, "blocked" | "seenHash" | "approvedHash">;

/** A tool may be used while it is `approved`, and only then. */
export function statusOfTool({ blocked, seenHash, approvedHash }: ToolState): McpToolStatus {
  if (blocked) return "blocked";
  if (seenHash === null) return "gone";
  if (approvedHash === null) return "new";
  return seenHash === approvedHash ? "approved" : "changed";
}

export function toMcpServer(
  row: McpServerRow,
  tools: readonly ToolState[],
  { whereabouts, publicUrl }: { whereabouts: Whereabouts | undefined; publicUrl: string },
): McpServer {
  const { id, name, run, env, idleMinutes, preset, nodeId, createdAt, updatedAt } = row;
  const agent = whereabouts?.online ? whereabouts.agent : null;
  const count = (status: McpToolStatus): number => tools.filter((tool) => statusOfTool(tool) === status).length;
  return {
    ...{ id, name, run, env, idleMinutes, preset, node: nodeId, nodeName: whereabouts?.nodeName ?? nodeId },
    state: whereabouts?.online ? (agent?.state ?? "idle") : "unreachable",
    reason: agent?.reason ?? null,
    doing: agent?.doing ?? null,
    sessions: agent?.sessions ?? 0,
    startedAt: agent?.startedAt ?? null,
    tools: { approved: count("approved"), new: count("new"), changed: count("changed"), blocked: count("blocked") },
    url: new URL(`/mcp/${name}`, publicUrl).href,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}

/** undefined for a row that says nothing any more. */
export function toMcpTool(row: McpToolRow): McpTool | undefined {
  const { name, seen, seenHash, approved, approvedHash, approvedBy, approvedAt, seenAt } = row;
  const definition = seen ?? approved;
  const hash = seenHash ?? approvedHash;
  if (definition === null || hash === null) return undefined;
  return {
    ...{ name, status: statusOfTool(row), definition, hash },
    diff: seen && approved && seenHash !== approvedHash ? diffOfDefinitions(name, approved, seen) : null,
    approvedBy,
    approvedAt: approvedAt?.toISOString() ?? null,
    seenAt: seenAt.toISOString(),
  };
}

/** A unified diff, with each line of a description on its own. */
export function diffOfDefinitions(name: string, before: McpToolDefinition, after: McpToolDefinition): string {
  return createTwoFilesPatch(name, name, readable(before), readable(after), "approved", "now");
}

function readable({ name, title, description, ...rest }: McpToolDefinition): string {
  const texts = [
    `name: ${name}`,
    ...(title === undefined ? [] : [`title: ${title}`]),
    "description:",
    description ?? "",
  ];
  return `${texts.join("\n")}\n${JSON.stringify(rest, null, 2)}\n`;
}
