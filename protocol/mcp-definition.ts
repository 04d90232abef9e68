/** Definitions of MCP tools, and the hashes that they are approved under: all that a model gets to read of a tool. */
import * as z from "zod";
import { digestOf } from "./ids.ts";
import { sortedJson } from "./json.ts";

/** As the server sent it; keys that are not named here are none of a definition. */
export const McpToolDefinition = z.object({
  name: z.string().min(1).max(200),
  title: z.string().optional(),
  description: z.string().optional(),
  inputSchema: z.record(z.string(), z.unknown()),
  outputSchema: z.record(z.string(), z.unknown()).optional(),
  annotations: z.record(z.string(), z.unknown()).optional(),
});
export type McpToolDefinition = z.infer<typeof McpToolDefinition>;

const PARTS = Object.keys(McpToolDefinition.shape);

/** SHA-256 of a definition as base64url, over JSON whose keys are sorted: of its parts as they came, whatever is in them. */
export function hashOfDefinition(definition: Readonly<Record<string, unknown>>): Promise<string> {
  return digestOf(sortedJson(Object.fromEntries(PARTS.map((part) => [part, definition[part]]))));
}

/** Of a whole list, in whatever order it came. */
export async function digestOfTools(definitions: readonly McpToolDefinition[]): Promise<string> {
  const hashes = await Promise.all(definitions.map(hashOfDefinition));
  return digestOf(JSON.stringify(hashes.toSorted()));
}
