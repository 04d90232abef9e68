/** An MCP client by hand, at the door of the whole Worker, whose objects only remember what they were asked. */
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import worker from "../../../workers/index.ts";
import { type Harness, ORIGIN, PRESET_KEY } from "../api/harness.ts";

export const MCP_URL = `${ORIGIN}/mcp`;

export type Sent = { as?: string | null; headers?: Record<string, string>; url?: string; method?: string };
export type Message = {
  id?: number;
  method?: string;
  params?: { progress: number; total: number; message: string; progressToken: string };
  result?: Record<string, unknown> & ToolResult & { tools: ListedTool[] };
  error?: { code: number; message: string };
};
export type ToolResult = {
  content: { type: string; text: string }[];
  structuredContent: Record<string, never> & Record<string, unknown>;
  isError?: boolean;
};
export type ListedTool = {
  name: string;
  title: string;
  description: string;
  inputSchema: { properties: Record<string, object>; additionalProperties?: boolean };
  outputSchema: object;
  annotations: Record<string, boolean>;
};

/** Whatever the Worker answers; the preset key is sent unless another or none (null) is named. */
export async function post(h: Harness, body: unknown, { as = PRESET_KEY, headers, url, method }: Sent = {}) {
  const init: RequestInit = {
    method: method ?? "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      ...(as === null ? {} : { authorization: `Bearer ${as}` }),
      ...headers,
    },
  };
  if (body !== undefined) init.body = typeof body === "string" ? body : JSON.stringify(body);
  return fetchWorker(h, new Request(url ?? MCP_URL, init));
}

/** What runs behind the answer is waited for once the answer was read. */
export async function fetchWorker(h: Harness, request: Request): Promise<Response> {
  const context = createExecutionContext();
  const response = await worker.fetch(request, h.env, context);
  const text = await response.text();
  await waitOnExecutionContext(context);
  const { status, headers } = response;
  return new Response(status === 202 || status === 204 ? null : text, { status, headers });
}

/** The messages of an answer, as JSON or as a stream of events. */
export async function messagesOf(response: Response): Promise<Message[]> {
  const text = await response.text();
  if (response.headers.get("content-type")?.startsWith("text/event-stream") !== true) return [JSON.parse(text)];
  return [...text.matchAll(/^data: (.+)$/gm)].map(([, data]) => JSON.parse(data ?? "") as Message);
}

/** One request as clients of 2025 send it; the last message is its answer. */
export async function ask(h: Harness, method: string, params: object, sent: Sent = {}): Promise<Message> {
  const response = await post(h, { jsonrpc: "2.0", id: 1, method, params }, sent);
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
  const last = (await messagesOf(response)).at(-1);
  if (!last) throw new Error("no message came");
  return last;
}

export async function listTools(h: Harness, sent: Sent = {}): Promise<ListedTool[]> {
  return (await ask(h, "tools/list", {}, sent)).result?.tools ?? [];
}

export async function callTool(h: Harness, name: string, args: object = {}, sent: Sent = {}): Promise<ToolResult> {
  const { result, error } = await ask(h, "tools/call", { name, arguments: args }, sent);
  if (!result) throw new Error(JSON.stringify(error));
  return result;
}

/** The text of a refusal; throws where there is none. */
export async function refusal(h: Harness, name: string, args: object = {}, sent: Sent = {}): Promise<string> {
  const { isError, content } = await callTool(h, name, args, sent);
  if (isError !== true) throw new Error(`${name} was answered: ${content[0]?.text}`);
  return content[0]?.text ?? "";
}
