/** The job's tools as a model gets to know them: JSON schemas, with the node where there are several. Pure. */
import { isNativeTool, NATIVE_TOOLS, type NativeToolName } from "@roundhouse/protocol/tools";
import * as z from "zod";
import type { RunMcpTool } from "../../services/mcp-server/for-run.ts";
import type { Ground, GroundTool, NodeName } from "./rows.ts";

export type ToolDefinition = { name: string; description: string; parameters: Record<string, unknown> };

/** What models take: more are refused by most providers. */
export const MAX_TOOLS = 128;
/** The names that they take: at most 64 of these. */
const UNFIT = /[^A-Za-z0-9_-]/g;
const MAX_NAME = 64;

export function toolsOf(names: readonly string[]): NativeToolName[] {
  return [...new Set(names)].filter(isNativeTool);
}

export function toolDefinitions(names: readonly string[], { nodes, mcp = [] }: Ground): ToolDefinition[] {
  const native = toolsOf(names).map((name) => ({
    name,
    description: NATIVE_TOOLS[name].description,
    parameters: withNode(schemaOf(name), nodes),
  }));
  return [...native, ...mcp.map((tool) => ofServer(tool, nodes))];
}

/** Each gets a name that no other tool of the run has, made of its server's and its own. */
export function nameTools(tools: readonly RunMcpTool[], taken: readonly string[]): GroundTool[] {
  const names = new Set(taken);
  return tools.map((tool) => {
    const plain = tool.qualified.replace("/", "__").replaceAll(UNFIT, "_");
    let name = plain.slice(0, MAX_NAME);
    for (let count = 2; names.has(name); count += 1) {
      const ending = `_${count}`;
      name = plain.slice(0, MAX_NAME - ending.length) + ending;
    }
    names.add(name);
    return { ...tool, name };
  });
}

function ofServer({ name, nodeId, definition }: GroundTool, nodes: readonly NodeName[]): ToolDefinition {
  const node = nodes.find(({ id }) => id === nodeId);
  const where = nodes.length < 2 || !node ? "" : ` (On node ${JSON.stringify(node.name)}.)`;
  const { $schema: _, ...parameters } = definition.inputSchema;
  return { name, description: `${definition.description ?? definition.title ?? ""}${where}`.trim(), parameters };
}

type ObjectSchema = { properties?: Record<string, unknown>; required?: string[] };

function schemaOf(name: NativeToolName): ObjectSchema {
  const { $schema: _, ...schema } = z.toJSONSchema(NATIVE_TOOLS[name].input, { io: "input" });
  return schema;
}

function withNode(schema: ObjectSchema, nodes: readonly NodeName[]): Record<string, unknown> {
  if (nodes.length < 2) return schema;
  const node = { type: "string", enum: nodes.map(({ name }) => name), description: "The node to do it on" };
  return {
    ...schema,
    properties: { node, ...schema.properties },
    required: ["node", ...(schema.required ?? [])],
  };
}
