/** What a tool answered, a block at a time: texts as texts, pictures as pictures. Nothing of it is trusted. Pure. */
import { formatBytes } from "../parts/format.ts";
import { isObject } from "./schema-fields.ts";

export type ResultBlock =
  | { kind: "text"; label: string; text: string }
  | { kind: "image"; src: string; type: string }
  | { kind: "note"; text: string };

export type ToolResult = { isError: boolean; blocks: ResultBlock[]; structured: string | null };

/** What browsers paint without running anything. */
const IMAGES = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);

/** `result` is as MCP's `CallToolResult` says, or whatever else came. */
export function readResult(result: Readonly<Record<string, unknown>>): ToolResult {
  const { content, structuredContent, isError } = result;
  return {
    isError: isError === true,
    blocks: Array.isArray(content) ? content.map(blockOf) : [asJson("Answer", result)],
    structured: structuredContent === undefined ? null : JSON.stringify(structuredContent, null, 2),
  };
}

function blockOf(block: unknown): ResultBlock {
  if (!isObject(block)) return asJson("Part", block);
  const { type, text, data, mimeType, uri, name, resource } = block;
  if (type === "text" && typeof text === "string") return { kind: "text", label: "Text", text };
  if (type === "image" && typeof data === "string" && typeof mimeType === "string") return imageOf(data, mimeType);
  if (type === "audio" && typeof data === "string") {
    return { kind: "note", text: `A sound (${String(mimeType)}, ${sizeOf(data)}), which is not played here.` };
  }
  if (type === "resource_link" && typeof uri === "string") {
    return { kind: "note", text: `A link: ${typeof name === "string" ? `${name} ` : ""}${uri}` };
  }
  if (type === "resource" && isObject(resource) && typeof resource["text"] === "string") {
    return { kind: "text", label: `Resource ${String(resource["uri"])}`, text: resource["text"] };
  }
  return asJson("Part", block);
}

function imageOf(data: string, type: string): ResultBlock {
  const isSafe = IMAGES.has(type) && /^[A-Za-z0-9+/=\s]*$/.test(data);
  if (isSafe) return { kind: "image", src: `data:${type};base64,${data}`, type };
  return { kind: "note", text: `A picture (${type}, ${sizeOf(data)}), which is not shown here.` };
}

function sizeOf(base64: string): string {
  return formatBytes(Math.floor((base64.length * 3) / 4));
}

function asJson(label: string, value: unknown): ResultBlock {
  return { kind: "text", label: `${label} as JSON`, text: JSON.stringify(value, null, 2) };
}
