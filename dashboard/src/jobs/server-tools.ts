/** The tools of an MCP server as a job chooses them: all of them, or each with how it stands. Pure. */
import type { McpTool, McpToolStatus } from "@roundhouse/protocol/api/mcp-server";
import { qualifiedTool, splitTool } from "@roundhouse/protocol/tool-name";
import { visibleText } from "../parts/visible.ts";

const STATUS_WORDS: Readonly<Record<McpToolStatus, string>> = {
  approved: "",
  new: "not approved yet: no run can call it",
  changed: "changed since it was approved: a run asks before its call",
  blocked: "blocked: no run can call it",
  gone: "the server has it no more",
};
const MOST_SAID = 120;

type Row = { tool: string; about: string };

/** Those that are chosen and gone stay, so that they can be taken out. */
export function serverToolRows(server: string, tools: readonly McpTool[], chosen: readonly string[]): Row[] {
  const rows = tools
    .map(({ name, status, definition }): Row & { status: McpToolStatus } => ({
      tool: qualifiedTool(server, name),
      about: [STATUS_WORDS[status], shortened(definition.title ?? definition.description ?? "")]
        .filter(Boolean)
        .join(" · "),
      status,
    }))
    .filter(({ tool, status }) => status !== "gone" || chosen.includes(tool));
  const known = new Set(rows.map(({ tool }) => tool));
  const all = qualifiedTool(server, "*");
  const lost = chosen.filter((tool) => splitTool(tool)?.server === server && tool !== all && !known.has(tool));
  return [
    { tool: all, about: "All that are approved, also those that come to be" },
    ...rows.map(({ tool, about }) => ({ tool, about })),
    ...lost.map((tool) => ({ tool, about: "The server has no tool of that name" })),
  ];
}

/** In one line: it is a stranger's text beside our own. */
function shortened(text: string): string {
  const line = visibleText(text.replaceAll(/\s+/g, " ").trim());
  return line.length > MOST_SAID ? `${line.slice(0, MOST_SAID)}…` : line;
}
