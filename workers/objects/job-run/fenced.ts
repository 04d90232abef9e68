/** Tool calls for models that have none of their own: JSON blocks in the text. Pure. */
import { parseJson } from "@roundhouse/protocol/json";
import * as z from "zod";
import type { SaidCall } from "./rows.ts";
import type { ToolDefinition } from "./toolbox.ts";

const BLOCK = /```(tool_call|json)[^\S\n]*\n([\s\S]*?)```/g;

const Said = z.object({
  tool: z.string(),
  arguments: z.union([z.record(z.string(), z.unknown()), z.string()]).default({}),
});

/** The calls that a text asks for. A `json` block that is none is part of the answer; a `tool_call` block never is. */
export function parseFenced(text: string): SaidCall[] {
  const found: SaidCall[] = [];
  for (const [, label, body = ""] of text.matchAll(BLOCK)) {
    const said = Said.safeParse(parseJson(body));
    const id = `block_${found.length + 1}`;
    if (said.success) found.push({ id, name: said.data.tool, arguments: objectOf(said.data.arguments) });
    else if (label === "tool_call") found.push({ id, name: toolIn(body), arguments: body.trim() });
  }
  return found;
}

function objectOf(args: Record<string, unknown> | string): SaidCall["arguments"] {
  if (typeof args !== "string") return args;
  return parseArguments(args);
}

/** Some say "" for no arguments. */
export function parseArguments(text: string): SaidCall["arguments"] {
  const value = text.trim() === "" ? {} : parseJson(text);
  return z.record(z.string(), z.unknown()).safeParse(value).data ?? text;
}

/** What a block that is no JSON seems to mean, so that the answer can name it. */
function toolIn(body: string): string {
  return /"tool"\s*:\s*"([^"]*)"/.exec(body)?.[1] ?? "";
}

export function sayFenced({ name, arguments: args }: SaidCall): string {
  return `\`\`\`tool_call\n${JSON.stringify({ tool: name, arguments: args })}\n\`\`\``;
}

/** What such a model has to be told of its tools. */
export function explainFenced(tools: readonly ToolDefinition[]): string {
  if (tools.length === 0) return "";
  const list = tools.map(({ name, description, parameters }) => {
    return `- ${name}: ${description}\n  arguments (JSON schema): ${JSON.stringify(parameters)}`;
  });
  const example = sayFenced({ id: "", name: tools[0]?.name ?? "", arguments: { name_of_argument: "value" } });
  return [
    "To call a tool, write a block of exactly this form, and end your message after it:",
    example,
    "Several blocks in one message are several calls. You get the results in the next message. Write no block when you are done.",
    "The tools:",
    ...list,
  ].join("\n");
}
