/** Requests of our own to a server of Streamable HTTP: one message goes out, and its response is picked from what comes. */
import { parseJson } from "@roundhouse/protocol/json";
import { MAX_MCP_MESSAGE_BYTES } from "@roundhouse/protocol/mcp";
import { exchange } from "../http/exchange.ts";
import { OWN_HEADERS } from "../http/headers.ts";
import { type Message, McpProblem } from "./channel.ts";
import type { Target } from "./gateway.ts";
import { type Id, isObject, isResponse } from "./json-rpc.ts";
import { textOf } from "./screened.ts";
import { EventSplitter, readEvent } from "./sse.ts";

export type HttpTarget = Extract<Target, { kind: "http" }>;
/** `cursor`: where to go on, if the stream ended before the response. */
export type HttpAnswer = {
  status: number;
  headers: Headers;
  response?: Message;
  cursor?: { id: string; retryMs: number };
};

type Ask = {
  method: "POST" | "GET" | "DELETE";
  headers: Readonly<Record<string, string>>;
  body?: string;
  signal: AbortSignal;
};

const RETRY_MS = 1000;

/** Throws `McpProblem` where it cannot be reached. */
export async function send(target: HttpTarget, { headers, ...ask }: Ask): Promise<Response> {
  const added = await target.headers();
  try {
    return await exchange(target.url, { ...ask, headers: { ...headers, ...lowerCased(added), ...OWN_HEADERS } });
  } catch (error) {
    throw new McpProblem(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** The response to the message with this id. `onOther` gets what came before it. */
export async function ask(
  target: HttpTarget,
  id: Id,
  request: Ask,
  onOther: (message: Message) => void = () => undefined,
): Promise<HttpAnswer> {
  const answer = await send(target, request);
  const { status, headers, body } = answer;
  if (!body) return { status, headers };
  if ((headers.get("content-type") ?? "").toLowerCase().startsWith("text/event-stream"))
    return { status, headers, ...(await fromEvents(body, id, onOther)) };
  const value = parseJson((await textOf(body)) ?? "");
  const messages = (Array.isArray(value) ? (value as unknown[]) : [value]).filter(isObject);
  const response = messages.find(
    (message) => isResponse(message) && (message["id"] === id || (request.method === "POST" && "error" in message)),
  );
  return { status, headers, ...(response && { response }) };
}

async function fromEvents(body: ReadableStream<Uint8Array>, id: Id, onOther: (message: Message) => void) {
  const splitter = new EventSplitter(MAX_MCP_MESSAGE_BYTES);
  let cursor: HttpAnswer["cursor"];
  for await (const bytes of body) {
    for (const event of splitter.push(bytes).map(readEvent)) {
      if (event.id !== undefined) cursor = { id: event.id, retryMs: event.retry ?? RETRY_MS };
      const message = parseJson(event.data);
      if (!isObject(message)) continue;
      // Leaving the loop ends the stream.
      if (isResponse(message) && message["id"] === id) return { response: message };
      onOther(message);
    }
  }
  return cursor ? { cursor } : {};
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
