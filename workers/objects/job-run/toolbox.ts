/** The job's tools as a model gets to know them: JSON schemas from zod, with the node where there are several. Pure. */
import { isNativeTool, NATIVE_TOOLS, type NativeToolName } from "@roundhouse/protocol/tools";
import * as z from "zod";
import type { NodeName } from "./rows.ts";

export type ToolDefinition = { name: NativeToolName; description: string; parameters: Record<string, unknown> };

export function toolsOf(names: readonly string[]): NativeToolName[] {
  return [...new Set(names)].filter(isNativeTool);
}

export function toolDefinitions(names: readonly string[], nodes: readonly NodeName[]): ToolDefinition[] {
  return toolsOf(names).map((name) => ({
    name,
    description: NATIVE_TOOLS[name].description,
    parameters: withNode(schemaOf(name), nodes),
  }));
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
