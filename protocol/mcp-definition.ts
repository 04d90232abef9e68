/** Definitions of MCP tools, and the hashes that they are approved under: all that a server says of a tool. */
import * as z from "zod";
import { digestOf } from "./ids.ts";
import { sortedJson } from "./json.ts";

/** As the server sent it, with all its keys: clients show a model more than those that are named here. */
export const McpToolDefinition = z.looseObject({
  name: z.string().min(1).max(200),
  title: z.string().optional(),
  description: z.string().optional(),
  inputSchema: z.record(z.string(), z.unknown()),
  outputSchema: z.record(z.string(), z.unknown()).optional(),
  annotations: z.record(z.string(), z.unknown()).optional(),
});
export type McpToolDefinition = z.infer<typeof McpToolDefinition>;

/** SHA-256 of a definition as base64url, over JSON whose keys are sorted: of all that came, whatever is in it. */
export function hashOfDefinition(definition: Readonly<Record<string, unknown>>): Promise<string> {
  return digestOf(sortedJson(definition));
}

/** Of a whole list, in whatever order it came. */
export async function digestOfTools(definitions: readonly McpToolDefinition[]): Promise<string> {
  const hashes = await Promise.all(definitions.map(hashOfDefinition));
  return digestOf(JSON.stringify(hashes.toSorted()));
}
