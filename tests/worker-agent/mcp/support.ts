/** Gateways of MCP servers, served over loopback, in front of servers of the official SDKs or of scripted ones. */
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import type { ReadableStream as WebStream } from "node:stream/web";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { hashOfDefinition, type McpToolDefinition } from "../../../protocol/mcp-definition.ts";
import type { Channel, Message } from "../../../worker-agent/src/mcp/channel.ts";
import { createGateway, type Gateway, type Target } from "../../../worker-agent/src/mcp/gateway.ts";
import { atEnd, startApp } from "../link/gateway.ts";

export type Told = {
  gateway: Gateway;
  url: URL;
  pins: Record<string, string>;
  seen: (readonly McpToolDefinition[])[];
  notes: string[];
};

type Options = { denial?: (tool: string, args: Message) => string | null; headers?: Record<string, string> };

/** `headers` are set on each request, as the control plane would. */
export async function gatewayOf(target: Target, { denial = () => null, headers = {} }: Options = {}): Promise<Told> {
  const pins: Record<string, string> = {};
  const seen: (readonly McpToolDefinition[])[] = [];
  const notes: string[] = [];
  const note = (text: string) => void notes.push(text);
  const onTools = (definitions: readonly McpToolDefinition[]) => void seen.push(definitions);
  const gateway = createGateway({ id: "ms_1", target, pins: () => pins, denial, onTools, note });
  atEnd(() => gateway.close());
  const { port } = await startApp(asNode((request) => gateway.fetch(request), headers));
  return { gateway, url: new URL(`http://127.0.0.1:${port}/mcp/ms_1`), pins, seen, notes };
}

/** Pins each tool as it is defined now. */
export async function approve({ gateway, pins }: Told, ...names: string[]): Promise<void> {
  const { tools } = await gateway.list(AbortSignal.timeout(5000));
  for (const tool of tools)
    if (names.length === 0 || names.includes(tool.name)) pins[tool.name] = await hashOfDefinition(tool);
}

/** Its client going away aborts the request, as the end of a stream of the link does. */
export function asNode(
  fetch: (request: Request) => Promise<Response>,
  more: Record<string, string> = {},
): RequestListener {
  return (incoming, outgoing) => {
    const gone = new AbortController();
    outgoing.on("close", () => gone.abort());
    answer(fetch, more, incoming, outgoing, gone.signal).catch(() => outgoing.destroy());
  };
}

async function answer(
  fetch: (request: Request) => Promise<Response>,
  more: Record<string, string>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const { method = "GET", url = "/" } = incoming;
  const body = method === "POST" ? (Readable.toWeb(incoming) as ReadableStream<Uint8Array>) : null;
  const headers = { ...(incoming.headers as Record<string, string>), ...more };
  const init = { method, headers, body, duplex: "half", signal };
  const response = await fetch(new Request(`http://127.0.0.1${url}`, init));
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.flushHeaders();
  if (response.body) for await (const chunk of response.body as WebStream<Uint8Array>) outgoing.write(chunk);
  outgoing.end();
}

/** A server of an SDK, in this process; `opened` has the end of each that was opened. */
export function channels(connect: (transport: Transport) => Promise<unknown>) {
  const opened: { die: (why: string) => void; closed: boolean }[] = [];
  const open = async (): Promise<Channel> => {
    const [ours, theirs] = InMemoryTransport.createLinkedPair();
    let die: (why: string) => void = () => undefined;
    const over = new Promise<string>((resolve) => {
      die = resolve;
    });
    const one = { die, closed: false };
    opened.push(one);
    const close = async () => {
      one.closed = true;
      await ours.close();
      die("the server was ended");
    };
    await connect(theirs);
    return {
      // As over a pipe: nothing of the objects is shared.
      send: (message) => void ours.send(JSON.parse(JSON.stringify(message))),
      listen: (take) => {
        ours.onmessage = (message) => take(message);
        void ours.start();
      },
      over,
      close,
    };
  };
  return { open, opened, target: { kind: "channel", open } satisfies Target };
}

export type Say = (message: Record<string, unknown>) => void;

/** A server that does what a test says; `got` is all that reached it. */
export function scripted(script: (message: Message, say: Say) => void) {
  const got: Message[] = [];
  const ends: ((why: string) => void)[] = [];
  const says: Say[] = [];
  const open = async (): Promise<Channel> => {
    let take: (message: Message) => void = () => undefined;
    let end: (why: string) => void = () => undefined;
    const over = new Promise<string>((resolve) => {
      end = resolve;
    });
    const say: Say = (message) => take({ jsonrpc: "2.0", ...message });
    ends.push(end);
    says.push(say);
    const send = (message: Message) => {
      got.push(message);
      queueMicrotask(() => script(message, say));
    };
    const listen = (taker: typeof take) => {
      take = taker;
    };
    return { send, listen, over, close: async () => end("the server was ended") };
  };
  const calls = () => got.filter(({ method }) => method === "tools/call");
  return { target: { kind: "channel", open } satisfies Target, got, calls, ends, says };
}

export const HEADERS = { accept: "application/json, text/event-stream", "content-type": "application/json" };

export function post(url: URL, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return fetch(url, { method: "POST", headers: { ...HEADERS, ...headers }, body: text });
}

export function request(method: string, params: object = {}, id: string | number = 1) {
  return { jsonrpc: "2.0", id, method, params };
}

/** All messages of an answer, whichever form it has. */
export async function messagesOf(response: Response): Promise<Record<string, never>[]> {
  const text = await response.text();
  if (!response.headers.get("content-type")?.startsWith("text/event-stream")) return [JSON.parse(text)].flat();
  return [...text.matchAll(/^data: (.+)$/gm)].map(([, data]) => JSON.parse(data ?? ""));
}

export const INITIALIZE = request("initialize", {
  protocolVersion: "2025-11-25",
  capabilities: {},
  clientInfo: { name: "test", version: "1" },
});

/** The headers of a new session. */
export async function session(url: URL): Promise<Record<string, string>> {
  const response = await post(url, INITIALIZE);
  await response.text();
  return { "mcp-session-id": response.headers.get("mcp-session-id") ?? "" };
}

/** What a scripted server answers to be spoken with; undefined for the rest. */
export function manners(message: Message, tools: readonly unknown[]): Record<string, unknown> | undefined {
  const { id, method } = message;
  if (method === "initialize")
    return {
      id,
      result: { protocolVersion: "2025-11-25", capabilities: { tools: {} }, serverInfo: { name: "s", version: "1" } },
    };
  if (method === "tools/list") return { id, result: { tools } };
  return method === "tools/call" ? { id, result: { content: [{ type: "text", text: "done" }] } } : undefined;
}

export function tool(name: string, description = "") {
  return { name, description, inputSchema: { type: "object" } };
}

/** Over node:http; `requests` are what reached it. */
export async function httpServer(
  listener: (body: Message | undefined, response: ServerResponse, request: IncomingMessage) => void,
) {
  const requests: { method: string; headers: IncomingMessage["headers"]; body: Message | undefined }[] = [];
  const { port } = await startApp((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      const text = Buffer.concat(chunks).toString();
      const body = text === "" ? undefined : (JSON.parse(text) as Message);
      requests.push({ method: incoming.method ?? "", headers: incoming.headers, body });
      listener(body, outgoing, incoming);
    });
  });
  const url = new URL(`http://127.0.0.1:${port}/mcp`);
  const target: Target = { kind: "http", url, headers: async () => ({ "X-Secret": "s3cret" }) };
  const calls = () => requests.flatMap(({ body }) => messagesIn(body)).filter(({ method }) => method === "tools/call");
  return { target, requests, url, calls };
}

/** A server that answers each POST with JSON, a batch with all its answers. */
export function polite(tools: () => readonly unknown[]) {
  return httpServer((body, response) => {
    const answers = messagesIn(body).map((message) => manners(message, tools()));
    const told = answers.filter((answer) => answer !== undefined).map((answer) => ({ jsonrpc: "2.0", ...answer }));
    if (told.length === 0) return void response.writeHead(202).end();
    const json = JSON.stringify(Array.isArray(body) ? told : told[0]);
    response.writeHead(200, { "content-type": "application/json" }).end(json);
  });
}

function messagesIn(body: Message | undefined): Message[] {
  return body ? [body as Message | Message[]].flat() : [];
}

export const GOOD = tool("good");

/** Tells its one tool, which is approved, and answers no call until a test says it. */
export async function patient(script: (message: Message, say: Say) => void = () => undefined) {
  const server = scripted((message, say) => {
    const answer = manners(message, [GOOD]);
    if (answer && message["method"] !== "tools/call") say(answer);
    script(message, say);
  });
  const told = await gatewayOf(server.target);
  told.pins["good"] = await hashOfDefinition(GOOD);
  return { ...told, server };
}

export const openStream = (url: URL, headers: Record<string, string>, signal?: AbortSignal) =>
  fetch(url, { headers: { accept: "text/event-stream", ...headers }, ...(signal && { signal }) });

export function reading(response: Response): () => Promise<string> {
  const reader = response.body?.getReader();
  return async () => new TextDecoder().decode((await reader?.read())?.value);
}

export const asked = (server: { got: Message[] }, method: string) =>
  server.got.filter((message) => message["method"] === method);
