/** Headers between a client, a gateway and a server of Streamable HTTP. */
import { passedOn } from "../http/headers.ts";
import type { Message } from "./channel.ts";
import { isObject } from "./json-rpc.ts";

/** All else ends at the gateway: who asks is nothing to a server, and what is sent is written anew. */
const TO_SERVER = new Set([
  "accept",
  "accept-language",
  "last-event-id",
  "traceparent",
  "tracestate",
  "baggage",
  "user-agent",
]);
/** The gateway writes the body anew, and nothing may lead a client to where no gateway is. */
const TO_CLIENT = /^(?:content-type|cache-control|mcp-.*|retry-after|allow|x-accel-buffering)$/;

/** What `Mcp-Name` repeats, by method (SEP-2243, SEP-2663). */
const NAMED_BY = new Map([
  ["tools/call", "name"],
  ["prompts/get", "name"],
  ["resources/read", "uri"],
  ["tasks/get", "taskId"],
  ["tasks/update", "taskId"],
  ["tasks/cancel", "taskId"],
]);

export function toServer(headers: Headers): Record<string, string> {
  return Object.fromEntries([...headers].filter(([name]) => TO_SERVER.has(name) || name.startsWith("mcp-")));
}

export function toClient(headers: Headers): Headers {
  return new Headers(passedOn(headers).filter(([name]) => TO_CLIENT.test(name)));
}

/** A client that follows it would speak with another server, or ask a person for a login, past the gateway. */
export function leadsAway(status: number): boolean {
  return (status >= 300 && status < 400) || status === 401 || status === 407;
}

/** Why the headers say something else than the messages. undefined: they agree, or say nothing. */
export function mismatch(headers: Headers, messages: readonly Message[]): string | undefined {
  const [message] = messages.length === 1 ? messages : [];
  const method = message?.["method"];
  const said = headers.get("mcp-method");
  if (said !== null && said !== method)
    return `the Mcp-Method header names ${said}, and the message ${typeof method === "string" ? method : "no one method"}`;
  const name = headers.get("mcp-name");
  const field = NAMED_BY.get(String(method));
  if (name === null || (message && field === undefined)) return undefined;
  const params = message?.["params"];
  const value = isObject(params) && field !== undefined ? params[field] : undefined;
  return decoded(name) === value
    ? undefined
    : `the Mcp-Name header names "${name}", and the message "${typeof value === "string" ? value : ""}"`;
}

/** What a stateless request says in its headers besides (SEP-2243). */
export function bodyHeaders(method: string, params: Message): Record<string, string> {
  const name = params[NAMED_BY.get(method) ?? ""];
  return { "mcp-method": method, ...(typeof name === "string" && { "mcp-name": encoded(name) }) };
}

/** `Mcp-Param-<header>` for the arguments whose schema asks for it by `x-mcp-header`. */
export function paramHeaders(schema: unknown, args: unknown): Record<string, string> {
  const properties = isObject(schema) ? schema["properties"] : undefined;
  if (!isObject(properties) || !isObject(args)) return {};
  const headers: Record<string, string> = {};
  for (const [key, property] of Object.entries(properties)) {
    const value = Object.hasOwn(args, key) ? args[key] : undefined;
    Object.assign(headers, paramHeaders(property, value));
    const name = isObject(property) ? property["x-mcp-header"] : undefined;
    if (typeof name === "string" && /^[\w-]+$/.test(name) && /^(?:string|number|boolean)$/.test(typeof value))
      headers[`mcp-param-${name.toLowerCase()}`] = encoded(String(value));
  }
  return headers;
}

const BASE64 = /^=\?base64\?([A-Za-z0-9+/]*={0,2})\?=$/;

function decoded(value: string): string {
  const [, base64] = BASE64.exec(value) ?? [];
  return base64 === undefined ? value : Buffer.from(base64, "base64").toString();
}

function encoded(value: string): string {
  const isPlain = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value) && !BASE64.test(value);
  return isPlain ? value : `=?base64?${Buffer.from(value).toString("base64")}?=`;
}
