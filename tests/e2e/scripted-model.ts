/** An OpenAI-compatible server on loopback whose model follows a script: for long loops that end as they should. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type ChatMessage = {
  role: "system" | "developer" | "user" | "assistant" | "tool";
  content: string | null;
  tool_calls?: { id: string; function: { name: string; arguments: string } }[];
  tool_call_id?: string;
};
export type ChatRequest = {
  model: string;
  messages: ChatMessage[];
  tools?: { function: { name: string; parameters: unknown } }[];
  stream?: boolean;
  max_tokens?: number;
  max_completion_tokens?: number;
};
export type ScriptedCall = { name: string; arguments: unknown };
/** What the model says, or how the server refuses. Arguments that are text are sent as they are, malformed ones too. */
export type Reply =
  | { text?: string; calls?: readonly ScriptedCall[]; tokens?: { input: number; output: number } }
  | { status: number; message: string };
/** `turn` counts what the model has said before, in this conversation. */
export type Script = (request: ChatRequest, turn: number) => Reply | Promise<Reply>;

type Delta = { role?: "assistant"; content?: string; tool_calls?: unknown[] };

const PIECE_CHARACTERS = 7;

export class ScriptedModel {
  readonly requests: ChatRequest[] = [];
  /** The Authorization headers it was asked with. */
  readonly bearers: (string | undefined)[] = [];
  readonly #server: Server;
  #script: Script;

  private constructor(script: Script) {
    this.#script = script;
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) => response.destroy(error as Error));
    });
  }

  /** On a free port of loopback. The caller closes it. */
  static async open(script: Script): Promise<ScriptedModel> {
    const model = new ScriptedModel(script);
    await new Promise<void>((resolve) => model.#server.listen(0, "127.0.0.1", resolve));
    return model;
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`;
  }

  /** From the next request on. */
  follow(script: Script): void {
    this.#script = script;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.bearers.push(request.headers.authorization);
    if (request.url === "/v1/models") return sendJson(response, 200, { object: "list", data: [{ id: "scripted" }] });
    const asked = JSON.parse(await textOf(request)) as ChatRequest;
    this.requests.push(asked);
    const turn = asked.messages.filter(({ role }) => role === "assistant").length;
    const reply = await this.#script(asked, turn);
    if ("status" in reply) return sendJson(response, reply.status, { error: { message: reply.message } });
    if (asked.stream) stream(response, asked, reply);
    else sendJson(response, 200, { ...head(asked, "chat.completion"), ...whole(asked, reply) });
  }
}

function head({ model }: ChatRequest, object: string) {
  return { id: "chatcmpl-scripted", object, created: 1, model };
}

function whole(asked: ChatRequest, reply: Extract<Reply, { calls?: unknown }>) {
  const message = {
    role: "assistant",
    content: reply.text ?? null,
    ...(reply.calls && { tool_calls: callsOf(reply) }),
  };
  return { choices: [{ index: 0, message, finish_reason: finishOf(reply) }], usage: usageOf(asked, reply) };
}

function stream(response: ServerResponse, asked: ChatRequest, reply: Extract<Reply, { calls?: unknown }>): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  const say = (body: object): void => {
    response.write(`data: ${JSON.stringify({ ...head(asked, "chat.completion.chunk"), ...body })}\n\n`);
  };
  const add = (delta: Delta): void => say({ choices: [{ index: 0, delta, finish_reason: null }] });
  add({ role: "assistant" });
  for (const content of pieces(reply.text ?? "")) add({ content });
  for (const [index, { id, type, function: called }] of callsOf(reply).entries()) {
    add({ tool_calls: [{ index, id, type, function: { name: called.name, arguments: "" } }] });
    for (const part of pieces(called.arguments)) add({ tool_calls: [{ index, function: { arguments: part } }] });
  }
  say({ choices: [{ index: 0, delta: {}, finish_reason: finishOf(reply) }] });
  say({ choices: [], usage: usageOf(asked, reply) });
  response.end("data: [DONE]\n\n");
}

function callsOf({ calls = [] }: Extract<Reply, { calls?: unknown }>) {
  return calls.map(({ name, arguments: args }, index) => ({
    id: `call_${index}`,
    type: "function",
    function: { name, arguments: typeof args === "string" ? args : JSON.stringify(args) },
  }));
}

function finishOf({ calls = [] }: Extract<Reply, { calls?: unknown }>): "tool_calls" | "stop" {
  return calls.length > 0 ? "tool_calls" : "stop";
}

function usageOf({ messages }: ChatRequest, { tokens }: Extract<Reply, { calls?: unknown }>) {
  const { input = 50 + 10 * messages.length, output = 20 } = tokens ?? {};
  return { prompt_tokens: input, completion_tokens: output, total_tokens: input + output };
}

function pieces(text: string): string[] {
  return text.match(new RegExp(`[^]{1,${PIECE_CHARACTERS}}`, "g")) ?? [];
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
