/** How answers and errors become results of tools: text that a model reads, no more of it than a limit. */
import type { CallToolResult } from "@modelcontextprotocol/server";
import { toErrorBody } from "../services/error.ts";
import type { Answer } from "./tool.ts";

const MAX_TEXT_BYTES = 32 * 1024;
const LISTS = /\bGET \/api\/(instances|nodes|jobs|approvals)\b/g;

export function toResult({ structured, text }: Answer): CallToolResult {
  return { content: [{ type: "text", text: cutText(text) }], structuredContent: structured };
}

/** The words of the HTTP API; unforeseen errors are logged and told without their text. */
export function toErrorResult(error: unknown): CallToolResult {
  const { code, message, hint } = toErrorBody(error).error;
  const lines = [`${code}: ${message}`, ...(hint === undefined ? [] : [hint.replaceAll(LISTS, "list_$1")])];
  return { content: [{ type: "text", text: cutText(lines.join("\n")) }], isError: true };
}

function cutText(text: string): string {
  const { kept, isCut } = cutBytes(text, MAX_TEXT_BYTES);
  if (!isCut) return text;
  return `${kept}\n[Cut at ${MAX_TEXT_BYTES} bytes: ask for fewer at a time with limit, and go on from there.]`;
}

/** As many whole characters as fit. */
export function cutBytes(text: string, maxBytes: number): { kept: string; bytes: number; isCut: boolean } {
  const all = new TextEncoder().encode(text);
  if (all.length <= maxBytes) return { kept: text, bytes: all.length, isCut: false };
  let end = maxBytes;
  while (end > 0 && ((all[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return { kept: new TextDecoder().decode(all.subarray(0, end)), bytes: end, isCut: true };
}

/** Says how much is missing where something is. */
export function shorten(text: string, maxCharacters: number): string {
  if (text.length <= maxCharacters) return text;
  return `${text.slice(0, maxCharacters)}… [${text.length - maxCharacters} more characters]`;
}

/** Lines of a list, and how to go on; `what` in the plural. */
export function listText(what: string, lines: string[], cursor: string | null): string {
  if (lines.length === 0 && cursor === null) return `No ${what}.`;
  const more = cursor === null ? [] : [`There are more: call this again with cursor ${JSON.stringify(cursor)}.`];
  const counted = lines.length === 1 ? `1 ${what.replace(/s$/, "")}` : `${lines.length} ${what}`;
  return [`${counted}:`, ...lines.map((line) => `- ${line}`), ...more].join("\n");
}
