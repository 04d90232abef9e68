/** What a model gets to read of the result of an MCP tool: MCP's `CallToolResult` as text. Pure. */
import { MAX_RESULT_CHARACTERS } from "@roundhouse/protocol/tool-call";

type Result = Readonly<Record<string, unknown>>;

/** Room for the words about what is left out. */
const CUT_WORDS_CHARACTERS = 200;
const HEAD_SHARE = 0.7;
const KIB = 1024;

/** `redact` takes secrets out of a text; it is given the whole of it. */
export function readResult(result: Result, redact: (text: string) => string): { ok: boolean; content: string } {
  const blocks = Array.isArray(result["content"]) ? result["content"].map(wordBlock) : [];
  const structured = result["structuredContent"];
  const hasText = blocks.some(({ isText }) => isText);
  const parts = blocks.map(({ text }) => text);
  if (!hasText && structured !== undefined) parts.unshift(JSON.stringify(structured));
  const text = parts.join("\n");
  const content = text.trim() === "" ? "(The tool answered without a word.)" : cut(redact(text));
  return { ok: result["isError"] !== true, content };
}

/** The same result without secrets, wherever they stand in it. */
export function redactedResult(result: Result, redact: (text: string) => string): Record<string, unknown> {
  return redacted(result, redact) as Record<string, unknown>;
}

function redacted(value: unknown, redact: (text: string) => string): unknown {
  if (typeof value === "string") return redact(value);
  if (Array.isArray(value)) return value.map((one) => redacted(one, redact));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [redact(key), redacted(inner, redact)]));
}

function wordBlock(block: unknown): { isText: boolean; text: string } {
  const { type, text, data, mimeType, uri, name, resource } = asObject(block);
  switch (type) {
    case "text":
      return { isText: true, text: wordOf(text) };
    case "image":
    case "audio":
      return { isText: false, text: `(${wordMime(type, mimeType)} of ${wordSize(data)})` };
    case "resource_link":
      return { isText: false, text: `(a link to the resource ${wordOf(name)} ${wordOf(uri)})` };
    case "resource":
      return wordResource(asObject(resource));
    default:
      return { isText: false, text: `(content of the type ${JSON.stringify(type) ?? "unknown"}, which is not shown)` };
  }
}

function wordResource({ uri, text, blob, mimeType }: Result): { isText: boolean; text: string } {
  if (typeof text === "string") return { isText: true, text: `(the resource ${wordOf(uri)}:)\n${text}` };
  return { isText: false, text: `(the resource ${wordOf(uri)}, ${wordMime("data", mimeType)} of ${wordSize(blob)})` };
}

/** A server may send anything. */
function wordOf(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

function wordMime(kind: string, mimeType: unknown): string {
  return typeof mimeType === "string" ? `${kind}, ${mimeType},` : kind;
}

/** Of base64. */
function wordSize(data: unknown): string {
  const bytes = typeof data === "string" ? Math.floor((data.replace(/=+$/, "").length * 3) / 4) : 0;
  return bytes < KIB ? `${bytes} bytes` : `${Math.round(bytes / KIB)} KiB`;
}

function asObject(value: unknown): Result {
  return typeof value === "object" && value !== null ? (value as Result) : {};
}

/** Its beginning and its end. */
function cut(text: string): string {
  if (text.length <= MAX_RESULT_CHARACTERS) return text;
  const room = MAX_RESULT_CHARACTERS - CUT_WORDS_CHARACTERS;
  const head = wholeEnd(text.slice(0, Math.floor(room * HEAD_SHARE)));
  const tail = wholeStart(text.slice(text.length - (room - head.length)));
  const left = text.length - head.length - tail.length;
  return `${head}\n… ${left} characters left out: the result is longer than can be shown, and its rest is not kept. Ask the tool for less at a time …\n${tail}`;
}

/** Half a pair of surrogates is no character. */
function wholeEnd(text: string): string {
  return text.replace(/[\uD800-\uDBFF]$/, "");
}

function wholeStart(text: string): string {
  return text.replace(/^[\uDC00-\uDFFF]/, "");
}
