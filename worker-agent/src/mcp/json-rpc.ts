/** JSON-RPC messages as MCP has them: what is one, what kind it is, and the errors that a gateway answers with. */
import { parseJson } from "@roundhouse/protocol/json";
import type { Message } from "./channel.ts";

export type Id = string | number;

export const CODE = {
  parse: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
  transport: -32000,
  sessionNotFound: -32001,
  /** The request's key may not do that. */
  forbidden: -32003,
  /** SEP-2243: a header says something else than the message. */
  headerMismatch: -32020,
} as const;
const MAX_LEVELS = 200;
const KNOWN = ["jsonrpc", "id", "method", "params", "result", "error"];

export function isObject(value: unknown): value is Message {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function objectIn(message: Message, key: string): Message | undefined {
  const value = Object.hasOwn(message, key) ? message[key] : undefined;
  return isObject(value) ? value : undefined;
}

export function isId(value: unknown): value is Id {
  return typeof value === "string" || typeof value === "number";
}

/** Of a request: what its response will bear. undefined for anything else. */
export function requestId({ method, id }: Message): Id | undefined {
  return typeof method === "string" && isId(id) ? id : undefined;
}

export function isResponse(message: Message): boolean {
  return message["method"] === undefined && ("result" in message || "error" in message);
}

export function failure(id: Id | null, code: number, message: string, data?: unknown): Message {
  return { jsonrpc: "2.0", id, error: { code, message, ...(data !== undefined && { data }) } };
}

/** To what a server asks of us: we are there, and can do nothing for it. */
export function answerTo(message: Message): Message | undefined {
  const id = requestId(message);
  if (id === undefined) return undefined;
  if (message["method"] === "ping") return { jsonrpc: "2.0", id, result: {} };
  return failure(id, CODE.methodNotFound, "Method not found");
}

/** Why it is no message to pass on: its kind must be beyond doubt, for every reader of JSON. undefined: it is one. */
export function faultOf(value: unknown): string | undefined {
  if (!isObject(value)) return "it is no object";
  if (!isShallow(value)) return `it is nested deeper than ${MAX_LEVELS} levels`;
  if (value["jsonrpc"] !== "2.0") return 'its "jsonrpc" is not "2.0"';
  const folded = foldedFault(value, KNOWN);
  if (folded !== undefined) return folded;
  const { id, method, params } = value;
  if (method === undefined) return isResponse(value) ? undefined : "it has neither a method nor a result";
  if (typeof method !== "string") return 'its "method" is no text';
  if ("result" in value || "error" in value) return "it has both a method and a result";
  if (id !== undefined && !isId(id)) return 'its "id" is neither text nor a number';
  if (params !== undefined && !isObject(params)) return 'its "params" are no object';
  return undefined;
}

/**
 * Some readers of JSON (that of Go among them) take `Method` for `method`, and of both the last: such keys would say
 * one thing to whoever judges a message and another to whoever gets it.
 */
export function foldedFault(object: Message, known: readonly string[] = []): string | undefined {
  const seen = new Set<string>();
  for (const key of Object.keys(object)) {
    const folded = fold(key);
    if (seen.has(folded)) return `it has "${key}" twice, in upper and lower case`;
    seen.add(folded);
    const meant = known.find((name) => name !== key && fold(name) === folded);
    if (meant !== undefined) return `its "${key}" is to be "${meant}"`;
  }
  return undefined;
}

/** Upper case also of letters that only fold to it, such as the long s. */
export function fold(key: string): string {
  return key.toUpperCase();
}

/** Whether an object in this JSON text has a key twice: readers differ on which of the two counts. */
export function hasDoubleKeys(text: string): boolean {
  const open: Set<unknown>[] = [];
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === "{") open.push(new Set());
    else if (text[at] === "}") open.pop();
    if (text[at] !== '"') continue;
    const end = endOfText(text, at);
    if (isKeyAt(text, end)) {
      const key = parseJson(text.slice(at, end));
      if (open.at(-1)?.has(key)) return true;
      open.at(-1)?.add(key);
    }
    at = end - 1;
  }
  return false;
}

/** Behind the quotation mark that ends it. */
function endOfText(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at + 1;
}

function isKeyAt(text: string, end: number): boolean {
  let at = end;
  while (/\s/.test(text[at] ?? "")) at += 1;
  return text[at] === ":";
}

/** What is nested deeper could be read, but not be written again. */
export function isShallow(value: unknown, levels = MAX_LEVELS): boolean {
  if (typeof value !== "object" || value === null) return true;
  return levels > 0 && Object.values(value).every((inner) => isShallow(inner, levels - 1));
}
