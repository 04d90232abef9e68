/** What a client POSTs, read and checked before anything is made of it (SPEC MC10). */
import { parseJson } from "@roundhouse/protocol/json";
import { MAX_MCP_MESSAGE_BYTES } from "@roundhouse/protocol/mcp";
import { wholeJson } from "../services/whole-json.ts";
import type { Message } from "./channel.ts";
import { isCallWithoutId } from "./gate.ts";
import { mismatch } from "./headers.ts";
import { CODE, failure, faultOf, requestId } from "./json-rpc.ts";
import { textOf } from "./screened.ts";
import { messageEvent } from "./sse.ts";

export type Incoming = { messages: readonly Message[]; isBatch: boolean };

const MAX_BATCH = 100;

/** An HTTP answer that is an error of the transport, not of a server. */
export function transportError(
  status: number,
  code: number,
  message: string,
  headers: Record<string, string> = {},
): Response {
  return wholeJson(failure(null, code, message), status, headers);
}

export async function readIncoming(request: Request): Promise<Incoming | Response> {
  const type = (request.headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json")
    return transportError(415, CODE.transport, "Unsupported Media Type: Content-Type must be application/json");
  const text = request.body ? await textOf(request.body) : "";
  if (text === undefined)
    return transportError(413, CODE.transport, `a message is at most ${MAX_MCP_MESSAGE_BYTES / 1024 / 1024} MiB`);
  const value = parseJson(text);
  if (value === undefined) return transportError(400, CODE.parse, "Parse error: Invalid JSON");
  const isBatch = Array.isArray(value);
  const messages = (isBatch ? value : [value]) as Message[];
  const fault = faultOfAll(messages);
  if (fault !== undefined) return transportError(400, CODE.invalidRequest, `Invalid Request: ${fault}`);
  const disagreement = mismatch(request.headers, messages);
  if (disagreement === undefined) return { messages, isBatch };
  const id = (messages[0] && requestId(messages[0])) ?? null;
  return wholeJson(failure(id, CODE.headerMismatch, `Bad Request: ${disagreement}`), 400);
}

function faultOfAll(messages: readonly Message[]): string | undefined {
  if (messages.length === 0) return "the batch is empty";
  if (messages.length > MAX_BATCH) return `a batch has at most ${MAX_BATCH} messages`;
  for (const message of messages) {
    const fault = faultOf(message);
    if (fault !== undefined) return fault;
    if (isCallWithoutId(message)) return "a tools/call needs an id";
  }
  return hasTwice(messages.map(requestId)) ? "two requests have the same id" : undefined;
}

function hasTwice(ids: readonly unknown[]): boolean {
  const known = ids.filter((id) => id !== undefined);
  return new Set(known).size !== known.length;
}

/** A client takes JSON unless it says otherwise. */
export function refusal({ headers }: Request, refused: readonly Message[], status: number): Response {
  if (!/json|\*\/\*|application\/\*/i.test(headers.get("accept") ?? "*/*")) {
    const events = refused.map((message) => messageEvent(JSON.stringify(message)));
    return new Response(Buffer.concat(events), { status, headers: { "content-type": "text/event-stream" } });
  }
  return wholeJson(refused.length === 1 ? refused[0] : refused, status);
}
